"""Synthesise, measure, correct: from candidates to the voice that sounds most like a recording."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.voices.candidates import GRID, Candidate, candidates, likenesses, mix_towards, pitch_cost
from engine.voices.effects import Effects
from engine.voices.encoder import Embedding, SpeakerEncoder, likeness
from engine.voices.fit import Fit, Say
from engine.voices.pitch import PitchProfile, profile
from engine.voices.tempo import syllable_rate
from engine.voices.voice import Style

Samples = NDArray[np.float32]

OUTPUT_RATE = 24_000

_SENTENCES = (
    "ðə bˈɔɪ wʌz ðɛɹ wɛn ðə sˈʌn ɹˈoʊz ˌoʊvɚ ðə smˈuːð blˈuː lˈeɪk.",
    "wiː ˈɔfən sˈɔː hˌɪm baɪ ðə wˈɪndoʊ, ɹˈiːdɪŋ ɐbˌaʊt ʃˈɪps ænd ðə jˈʌŋ kˈɪŋ.",
)
_ROUNDS_A_TIMESTEP, _STEPS_A_TIMESTEP = 0.3, 2.1
"""Speaking a sentence takes two to three seconds of processor time, a step of descent a tenth of one."""

_FEWEST_ROUNDS = 2
_STEPS = (0.07, 0.035)
_TILT_PER_STEP = 45.0
_BOUNDS = (0.82, 1.2)
_MOST_TILT = 8.0
_LAST_STEPS = (0.04, 0.02, 0.01)
_PULL = 0.02
"""What a formant step of 12 %, a tilt of 6 dB or a pitch step of 4 semitones must gain in likeness."""

SLOWED = 0.88
"""Of its speed, at which a coloured voice is judged. Formants and pitch are elsewhere for the encoder then:
what the descent through it has taught the colour only to please it is not heard."""

_WHISPERED = 0.35
"""Voiced share at which a voice's pitch is hardly heard; from twice as much on it counts in full."""

_OVERSHOOT = 0.7
_TEMPO_TRUST, _TEMPO_BOUNDS = 0.5, (0.85, 1.2)


@dataclass(frozen=True, slots=True)
class Target:
    """What is known of the recorded voice: `slowed` is its embedding at `SLOWED` times its speed, `syllables`
    are a second's, 0 when not known.
    """

    embedding: Embedding
    slowed: Embedding
    pitch: PitchProfile
    syllables: float


@dataclass(frozen=True, slots=True)
class _Trial:
    candidate: Candidate
    embedding: Embedding
    score: float
    samples: Samples


class Fitting:
    """Fits one target. `mix` makes a style table of shares; `cancelled` is asked before every sentence."""

    def __init__(
        self,
        target: Target,
        encoder: SpeakerEncoder,
        say: Say,
        mix: Callable[[Mapping[str, float]], Style],
        installed: frozenset[str],
        stop: Callable[[], None],
    ) -> None:
        self._target = target
        self._encoder = encoder
        self._say = say
        self._mix = mix
        self._installed = installed
        self._stop = stop

    def run(self, recording: Samples, rate: int, timesteps: int) -> Fit:
        """The nearest voice, in the recorded person's colour: some sentences try candidates, as many or one
        less correct the best, two finalists meet on a second sentence, and what the better of the two has
        said by then is coloured."""
        rounds = max(_FEWEST_ROUNDS, round(_ROUNDS_A_TIMESTEP * timesteps))
        first = max(1, (rounds + 1) // 2)
        trials = [
            self._try(candidate)
            for candidate in candidates(
                self._target.embedding, self._target.pitch.median, self._installed, first
            )
        ]
        for _ in range(rounds - len(trials)):
            trials.append(self._try(self._corrected(max(trials, key=_score))))
        finalists = sorted(trials, key=_score, reverse=True)[: 2 if rounds > _FEWEST_ROUNDS else 1]
        return self._coloured(*self._decided(finalists), recording, rate, timesteps)

    def _try(self, candidate: Candidate) -> _Trial:
        self._stop()
        samples = self._say(_SENTENCES[0], self._mix(candidate.shares), 1.0)
        trials = _Trials(self._encoder, self._target, samples)
        ratio = trials.pitch_ratio(candidate.effects.pitch)
        starts = [replace(candidate.effects, pitch=round(ratio**share, 2)) for share in (0.0, 0.5, 1.0)]
        best = trials.best((Effects(), *starts))
        for step in _STEPS:
            best = trials.best(_formants_near(best, step))
            best = trials.best(_tilts_near(best, step))
        return _Trial(
            Candidate(candidate.shares, best),
            trials.embedding(best),
            trials.score(best),
            samples,
        )

    def _corrected(self, trial: _Trial) -> Candidate:
        """Aim past the target by what the trial fell short of it, and go half way there."""
        table = likenesses().of(self._installed)
        missed = self._target.embedding - trial.embedding
        aim = np.maximum(self._target.embedding + _OVERSHOOT * missed, 0).astype(np.float32)
        shares, _ = mix_towards(aim / np.linalg.norm(aim), table, _place(trial.candidate.effects))
        names = sorted(shares.keys() | trial.candidate.shares.keys())
        mixed = {
            name: 0.5 * shares.get(name, 0.0) + 0.5 * trial.candidate.shares.get(name, 0.0) for name in names
        }
        return Candidate(mixed, trial.candidate.effects)

    def _decided(self, finalists: list[_Trial]) -> tuple[Candidate, list[Samples]]:
        """The better over both sentences, and what it said."""
        second = [self._on_the_second_sentence(trial.candidate) for trial in finalists]
        totals = [trial.score + score for trial, (score, _) in zip(finalists, second, strict=True)]
        winner = int(np.argmax(totals))
        return finalists[winner].candidate, [finalists[winner].samples, second[winner][1]]

    def _on_the_second_sentence(self, candidate: Candidate) -> tuple[float, Samples]:
        self._stop()
        samples = self._say(_SENTENCES[1], self._mix(candidate.shares), 1.0)
        return _Trials(self._encoder, self._target, samples).score(candidate.effects), samples

    def _coloured(
        self, best: Candidate, said: list[Samples], recording: Samples, rate: int, timesteps: int
    ) -> Fit:
        """The fit with the recorded person's colour of voice, learned on what the voice has said already, and
        with the formants and the pitch that suit this colour.
        """
        from engine.voices.timbre_fit import learned, refined

        target = self._target.embedding
        spoken = [best.effects.apply(samples) for samples in said]
        timbre = refined(
            learned(spoken, recording, rate), spoken, self._encoder, target, _steps(timesteps), self._stop
        )
        whole = np.concatenate(said)
        coloured = replace(best.effects, timbre=timbre)
        effects = settled(coloured, whole, self._encoder, self._target, self._stop)
        near = likeness(self._encoder.embed(effects.apply(whole), OUTPUT_RATE), target)
        tempo = self._tempo(syllable_rate(said[0], OUTPUT_RATE))
        return Fit(best.shares, effects, near, tempo)

    def _tempo(self, spoken: float) -> float:
        if spoken == 0 or self._target.syllables == 0:
            return 1.0
        return round(float(np.clip((self._target.syllables / spoken) ** _TEMPO_TRUST, *_TEMPO_BOUNDS)), 3)


def settled(
    coloured: Effects,
    said: Samples,
    encoder: SpeakerEncoder,
    target: Target,
    stop: Callable[[], None],
) -> Effects:
    """The same with formants and pitch moved by at most 7 % to where `said` (24 kHz) is most like the target;
    `stop` is asked before each of three steps.
    """
    trials = _Trials(encoder, target, said, coloured=True)
    for step in _LAST_STEPS:
        stop()
        coloured = trials.best(_formants_near(coloured, step))
        coloured = trials.best(_pitches_near(coloured, step))
    return coloured


class _Trials:
    """Likeness of one rendering under different effects, each measured once; a `coloured` one is slowed."""

    def __init__(
        self, encoder: SpeakerEncoder, target: Target, samples: Samples, *, coloured: bool = False
    ) -> None:
        self._encoder = encoder
        self._target = target
        self._samples = samples
        self._coloured = coloured
        self._aim = target.slowed if coloured else target.embedding
        self._rate = round(OUTPUT_RATE * SLOWED) if coloured else OUTPUT_RATE
        pitch = profile(samples, OUTPUT_RATE)
        self._spoken = pitch.median
        self._heard = float(np.clip((pitch.voiced - _WHISPERED) / _WHISPERED, 0.0, 1.0))
        self._known: dict[Effects, Embedding] = {}

    def best(self, tried: Sequence[Effects]) -> Effects:
        """Those with the highest score, all listened to together."""
        self._listen(tried)
        return max(tried, key=self.score)

    def embedding(self, effects: Effects) -> Embedding:
        self._listen((effects,))
        return self._known[effects]

    def _listen(self, tried: Sequence[Effects]) -> None:
        new = [effects for effects in dict.fromkeys(tried) if effects not in self._known]
        if new:
            takes = [effects.apply(self._samples) for effects in new]
            self._known.update(zip(new, self._encoder.embed_all(takes, self._rate), strict=True))

    def score(self, effects: Effects) -> float:
        near = likeness(self.embedding(effects), self._aim)
        return near if self._coloured else near - self._strain(effects)

    def _strain(self, effects: Effects) -> float:
        pull = (
            (np.log(effects.formant) / 0.12) ** 2
            + (effects.tilt / 6) ** 2
            + (np.log(effects.pitch) / 0.25) ** 2
        )
        wrong_pitch = self._heard * pitch_cost(self._spoken * effects.pitch, self._target.pitch.median)
        return _PULL * float(pull) + wrong_pitch

    def pitch_ratio(self, otherwise: float) -> float:
        """What brings the spoken pitch to the target's, within what resampling does well."""
        if self._spoken == 0 or self._target.pitch.median == 0:
            return otherwise
        return float(np.clip(self._target.pitch.median / self._spoken, 0.7, 1.45))


def _steps(timesteps: int) -> int:
    return round(_STEPS_A_TIMESTEP * timesteps)


def _score(trial: _Trial) -> float:
    return trial.score


def _formants_near(effects: Effects, step: float) -> list[Effects]:
    near = (effects.formant * (1 - step), effects.formant, effects.formant * (1 + step))
    return [replace(effects, formant=round(min(max(value, _BOUNDS[0]), _BOUNDS[1]), 3)) for value in near]


def _pitches_near(effects: Effects, step: float) -> list[Effects]:
    near = (effects.pitch * (1 - step), effects.pitch, effects.pitch * (1 + step))
    return [replace(effects, pitch=round(pitch, 2)) for pitch in near]


def _tilts_near(effects: Effects, step: float) -> list[Effects]:
    near = (effects.tilt - _TILT_PER_STEP * step, effects.tilt, effects.tilt + _TILT_PER_STEP * step)
    return [replace(effects, tilt=round(min(max(value, -_MOST_TILT), _MOST_TILT), 2)) for value in near]


def _place(effects: Effects) -> int:
    """The grid place nearest to some effects."""

    def distance(place: int) -> float:
        other = GRID[place]
        return float(
            (np.log(effects.pitch / other.pitch) / 0.1) ** 2
            + (np.log(effects.formant / other.formant) / 0.08) ** 2
            + ((effects.tilt - other.tilt) / 5) ** 2
        )

    return min(range(len(GRID)), key=distance)
