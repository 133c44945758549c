"""A request in VoxCPM2's own terms. Pure but for reading the reference recording.

What the model demands (its README, command line and source agree):
- Directions stand in one pair of half-width parentheses at the very start, without a space after it. A
  parenthesis there that is prose would be taken for directions; one further on is spoken.
- A recording with its transcript is continued, and directions would be read aloud: there are none then.
- A recording fixes who speaks, so a description cannot; a cue may still say how.
- Recordings beyond 30 seconds cost gigabytes and gain nothing; a transcript must match what is heard of it.
- Numbers are spelled out before, by us: the package's own normaliser knows English and Chinese only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from engine import reference
from engine.backends.made_voices import SENTENCE
from engine.backends.voxcpm_pieces import is_dense, split
from engine.directions import Passage, read
from engine.errors import LanguageNotServed, NothingToSpeak
from engine.languages import AUTO
from engine.reference import KEPT_SECONDS
from engine.values import Mode, SpeechRequest
from engine.voicing import seed_of

LANGUAGES = frozenset(
    "ar da de el en es fi fr he hi id it ja km ko lo ms my nl no pl pt ru sv sw th tl tr vi zh".split()  # noqa: SIM905
)
"""What VoxCPM2 was trained on. It has no language parameter: it reads what is written."""

SEEDS = 2**31

_SLOW, _FAST = 0.9, 1.1

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"') | dict.fromkeys("‘’‚‛", "'") | {"…": "..."})
_SPACES = re.compile(r"\s+")
_PARENTHESES = re.compile(r"[()（）]")
_OPENING = re.compile(r"^[(（]([^()（）]*)[)）][\s,]*")


class Transcripts(StrEnum):
    """What a reference that comes with its transcript is used for."""

    BOTH = "both"
    """Who speaks and how it goes on: the closest clone."""
    CONTINUE = "continue"
    """Only how it goes on."""
    IGNORE = "ignore"
    """The transcript is left out: only who speaks, and cues work."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Recordings as mono 16-bit WAV, 30 seconds at most. Without any, the model makes up a voice.

    `reference` says who speaks; `continued` with its `transcript` is what the speech goes on from.
    """

    reference: bytes | None = None
    continued: bytes | None = None
    transcript: str | None = None

    @property
    def is_given(self) -> bool:
        return self.reference is not None or self.continued is not None


@dataclass(frozen=True, slots=True)
class Line:
    """One call of the model. `text` carries its directions; longer than `most_seconds` is a runaway."""

    text: str
    voice: Voice
    cfg_value: float
    inference_timesteps: int
    seed: int
    least_seconds: float
    most_seconds: float


@dataclass(frozen=True, slots=True)
class Turn:
    """How a piece is spoken: `speaker` is the cue that says who, `cue` how, `pause` the silence before it in
    seconds (None: what the punctuation asks for)."""

    speaker: str
    cue: str
    pause: float | None


@dataclass(frozen=True, slots=True)
class Prompt:
    """A whole request: `pieces` are spoken in order, each under the cues at its place in `turns`.

    Directions are bare of parentheses.
    """

    pieces: tuple[str, ...]
    turns: tuple[Turn, ...]
    description: str
    manner: str
    voice: Voice
    cfg_value: float
    inference_timesteps: int
    seed: int
    warnings: tuple[str, ...]

    def line(self, number: int, voice: Voice, retry: int = 0) -> Line:
        """The call that speaks the piece at `number`; every retry draws other random numbers."""
        piece = self.pieces[number]
        return Line(
            text=self._directed(piece, self.turns[number], voice),
            voice=voice,
            cfg_value=self.cfg_value,
            inference_timesteps=self.inference_timesteps,
            seed=(self.seed + retry) % SEEDS,
            least_seconds=0.02 * len(piece),
            most_seconds=longest_seconds(piece),
        )

    def warned(self, *warnings: str) -> Prompt:
        """The same with more to tell the caller."""
        return replace(self, warnings=(*self.warnings, *warnings))

    def _directed(self, piece: str, turn: Turn, voice: Voice) -> str:
        if voice.transcript is not None:
            return piece
        who = () if voice.is_given else (self.description, turn.speaker)
        wanted = (*who, self.manner, turn.cue)
        directions = ", ".join(part for part in wanted if part)
        return f"({directions}){piece}" if directions else piece


def audition_of(who: str, seed: int, retry: int = 0) -> Line:
    """The call that makes up a voice: one sentence, with the settings a request has by default."""
    usual = SpeechRequest(text=SENTENCE)
    return Line(
        text=f"({who}){SENTENCE}" if who else SENTENCE,
        voice=Voice(),
        cfg_value=usual.cfg_value,
        inference_timesteps=usual.inference_timesteps,
        seed=(seed + retry) % SEEDS,
        least_seconds=0.02 * len(SENTENCE),
        most_seconds=longest_seconds(SENTENCE),
    )


def prompt_of(request: SpeechRequest, transcripts: Transcripts = Transcripts.BOTH) -> Prompt:
    """Map a request whose text may begin with a cue and is otherwise spelled out.

    Raises `NothingToSpeak`, `LanguageNotServed` or `ReferenceRejected`.
    """
    if request.language != AUTO and request.language not in LANGUAGES:
        raise LanguageNotServed(f"VoxCPM2 does not speak {request.language!r}; the embedded engine does.")
    reading = read(request.text)
    placed = tuple(_placed(reading.passages))
    if not placed:
        raise NothingToSpeak("The text holds nothing that can be spoken.")
    voice, warnings = _voice_of(request, transcripts)
    return Prompt(
        pieces=tuple(piece for piece, _ in placed),
        turns=tuple(turn for _, turn in placed),
        description=_bare(request.description or ""),
        manner=", ".join(
            part for part in (_bare(request.instructions or ""), pace_words(request.speed)) if part
        ),
        voice=voice,
        cfg_value=request.cfg_value,
        inference_timesteps=request.inference_timesteps,
        seed=seed_of(request, reading.passages[0].cue),
        warnings=(*warnings, *_unused(request, reading.passages, voice)),
    )


def _placed(passages: Sequence[Passage]) -> Iterator[tuple[str, Turn]]:
    waiting: float | None = None
    for passage in passages:
        waiting = passage.pause if waiting is None else waiting + (passage.pause or 0.0)
        for piece in map(_plain, split(passage.text)):
            if any(character.isalnum() for character in piece):
                yield piece, Turn(_bare(passage.speaker or ""), _bare(passage.cue or ""), waiting)
                waiting = None


def unserved(request: SpeechRequest, fixed: Mapping[str, float] = MappingProxyType({})) -> list[str]:
    """The settings that cannot be followed: the speed, and of a clone those that a server has `fixed`."""
    settings = fixed if request.mode is Mode.CLONE else {}
    changed = [name for name, usual in settings.items() if getattr(request, name) != usual]
    return [*changed, "speed"] if request.speed != 1.0 else changed


def pace_words(speed: float) -> str:
    """The model has no speed; it follows words."""
    return {-1: "slow pace", 0: "", 1: "fast pace"}[(speed > _FAST) - (speed < _SLOW)]


def longest_seconds(text: str) -> float:
    """Longer than the slowest reader takes: by characters, ideographs and digits counting as syllables."""
    return 3.0 + sum(0.8 if is_dense(character) else 0.25 for character in text)


def _voice_of(request: SpeechRequest, transcripts: Transcripts) -> tuple[Voice, Sequence[str]]:
    if request.reference is None:
        return Voice(), ()
    from engine.backends.voxcpm_clip import clip

    info, samples = reference.read(request.reference)
    recording = clip(samples, info.sample_rate)
    transcript = _SPACES.sub(" ", request.reference_text or "").strip().translate(_QUOTES)
    if not transcript or transcripts is Transcripts.IGNORE:
        return Voice(reference=recording), info.warnings
    if info.duration_seconds > KEPT_SECONDS:
        left_out = (
            f"The transcript was left out: it must match the recording, of which {KEPT_SECONDS} seconds are "
            "used; send a shorter one"
        )
        return Voice(reference=recording), (*info.warnings, left_out)
    who = recording if transcripts is Transcripts.BOTH else None
    return Voice(who, continued=recording, transcript=transcript), info.warnings


def _unused(request: SpeechRequest, passages: Sequence[Passage], voice: Voice) -> Sequence[str]:
    found = []
    if request.speed != 1.0:
        found.append("VoxCPM2 has no speed; it was told to speak slower or faster")
    if not voice.is_given:
        return found
    if request.description:
        found.append("The voice description was left out: a clone takes its voice from the recording")
    if voice.transcript is not None:
        cues = dict.fromkeys(passage.cue for passage in passages if passage.cue)
        found += [
            f"The cue ({cue}) was left out: with a transcript, the manner comes from the recording too"
            for cue in cues
        ]
    return found


def _plain(piece: str) -> str:
    """Without what the model mistakes: odd quotes, directions that are none, shouting it would spell."""
    text = _SPACES.sub(" ", piece).strip().translate(_QUOTES)
    text = _OPENING.sub(r"\1, ", text).removeprefix(", ")
    return text.capitalize() if " " in text and text.isupper() else text


def _bare(directions: str) -> str:
    return _SPACES.sub(" ", _PARENTHESES.sub("", directions)).strip().translate(_QUOTES)
