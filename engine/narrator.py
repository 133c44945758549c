"""From a request to finished audio, for backends that take whole requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Protocol

from engine.errors import BackendUnavailable, LanguageNotServed, NothingToSpeak
from engine.languages import AUTO, LANGUAGES
from engine.values import Cancelled, Progress, Speech, SpeechRequest, Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.backends.narration import Piece, Recording
    from engine.text.pieces import SpokenWord

RENDERING_SHARE = 0.95
PAUSE_SECONDS = 0.32


class SpeechEngine(Protocol):
    """What everyone who wants speech needs of an engine."""

    @property
    def name(self) -> str: ...

    def warm_up(self) -> None: ...

    def speak(
        self, request: SpeechRequest, *, progress: Progress | None = None, cancelled: Cancelled | None = None
    ) -> Speech: ...


class WholeBackend(Protocol):
    """Speaks a request whose text is spelled out but for a leading cue; safe to share between threads."""

    @property
    def name(self) -> str: ...

    def warm_up(self) -> None: ...

    def speak(
        self, request: SpeechRequest, *, progress: Progress | None = None, cancelled: Cancelled | None = None
    ) -> Recording: ...


class Narrator:
    """`engine.speaker.Engine` for a backend that designs, clones and reads by itself."""

    def __init__(self, backend: WholeBackend) -> None:
        self._backend = backend

    @property
    def name(self) -> str:
        return self._backend.name

    def warm_up(self) -> None:
        """Raises what keeps the backend from speaking."""
        self._backend.warm_up()

    def speak(
        self, request: SpeechRequest, *, progress: Progress | None = None, cancelled: Cancelled | None = None
    ) -> Speech:
        """The finished audio of `request`; raises `EngineError`s. `progress` never falls and ends at 1.0."""
        report = progress or _nobody
        script = _script(request)
        recording = self._backend.speak(
            script.request, progress=lambda done: report(RENDERING_SHARE * done), cancelled=cancelled
        )
        speech = _finished(recording, script, self.name)
        report(1.0)
        return speech


class Preferring:
    """Speaks with `first`, and with `other` what `first` cannot: the warnings say so."""

    def __init__(self, first: SpeechEngine, other: SpeechEngine) -> None:
        self._first = first
        self._other = other

    @property
    def name(self) -> str:
        return self._first.name

    def warm_up(self) -> None:
        """Both must be ready, but a server that is away now may be back when it is needed."""
        self._other.warm_up()
        try:
            self._first.warm_up()
        except BackendUnavailable:
            return

    def speak(
        self, request: SpeechRequest, *, progress: Progress | None = None, cancelled: Cancelled | None = None
    ) -> Speech:
        try:
            return self._first.speak(request, progress=progress, cancelled=cancelled)
        except LanguageNotServed as reason:
            speech = self._other.speak(request, progress=progress, cancelled=cancelled)
            why = f"Spoken by {speech.engine} because {self._first.name} cannot: {reason}"
            return replace(speech, warnings=(*speech.warnings, why))


@dataclass(frozen=True, slots=True)
class _Script:
    """The request with its language settled and its numbers, dates and signs in words; the cue stays."""

    request: SpeechRequest
    words: tuple[SpokenWord, ...]
    left_out: tuple[str, ...]


def _script(request: SpeechRequest) -> _Script:
    from engine.cues import split_cue
    from engine.text.cleaning import clean
    from engine.text.normalise import normalise
    from engine.voicing import seed_of

    cue, said = split_cue(request.text)
    text = clean(said)
    code = _language(request.language, text)
    normalised = normalise(text, code)
    joiner = "" if LANGUAGES[code].script in ("Hans", "Jpan") else " "
    spoken = joiner.join(word.spoken for word in normalised.words)
    if not any(character.isalnum() for character in spoken):
        raise NothingToSpeak("The text holds nothing that can be spoken.")
    told = f"({cue}) {spoken}" if cue else spoken
    settled = replace(request, text=told, language=code, seed=seed_of(request, cue))
    return _Script(settled, tuple(normalised.words), normalised.left_out)


def _language(wanted: str, text: str) -> str:
    if wanted == AUTO:
        from engine.detection import detect

        return detect(text)
    if wanted not in LANGUAGES:
        raise LanguageNotServed(
            f"No installed engine speaks {wanted!r}: use auto or one of {', '.join(LANGUAGES)}."
        )
    return wanted


def _finished(recording: Recording, script: _Script, engine: str) -> Speech:
    from engine.audio import edges, encoding, loudness

    rate = recording.sample_rate
    parts: list[NDArray[np.float32]] = []
    for piece in recording.pieces:
        samples = recording.samples[piece.start : piece.end]
        first, last = edges.bounds(samples, rate)
        parts.append(samples[first:last])
    whole, starts = edges.joined(parts, [PAUSE_SECONDS] * len(parts), rate)
    samples = loudness.levelled(whole, rate)
    spans = [
        (start / rate + edges.LEAD_SECONDS, (start + len(part)) / rate - edges.TAIL_SECONDS)
        for start, part in zip(starts, parts, strict=True)
    ]
    left_out = f"Left out, because it cannot be spoken: {' '.join(script.left_out)}"
    return Speech(
        audio=encoding.encode(samples, rate, script.request.format),
        format=script.request.format,
        sample_rate=rate,
        duration_seconds=len(samples) / rate,
        language=script.request.language,
        seed=recording.seed,
        engine=engine,
        words=_words(script.words, recording.pieces, spans),
        peaks=encoding.peaks(samples),
        warnings=(*recording.warnings, left_out) if script.left_out else recording.warnings,
    )


def _words(
    words: Sequence[SpokenWord], pieces: Sequence[Piece], spans: Sequence[tuple[float, float]]
) -> tuple[Word, ...]:
    """Times in proportion to the letters within each piece: good to a few tenths of a second."""
    done: list[Word] = []
    waiting = list(words)
    for number, (piece, (start, end)) in enumerate(zip(pieces, spans, strict=True)):
        count = len(waiting) if number == len(pieces) - 1 else _fitting(waiting, _letters(piece.text))
        mine, waiting = waiting[:count], waiting[count:]
        sizes = [len(word.spoken) for word in mine]
        pace = max(0.0, end - start) / max(1, sum(sizes))
        marks = [start + pace * size for size in accumulate(sizes, initial=0)]
        done += [
            Word(word.shown, round(begins, 3), round(ends, 3))
            for word, (begins, ends) in zip(mine, pairwise(marks), strict=True)
            if word.shown
        ]
    return tuple(done)


def _fitting(words: Sequence[SpokenWord], letters: int) -> int:
    """How many of the words it takes to reach so many letters."""
    for count, word in enumerate(words):
        if letters <= 0:
            return count
        letters -= _letters(word.spoken)
    return len(words)


def _letters(text: str) -> int:
    return sum(character.isalnum() for character in text)


def _nobody(_share: float) -> None:
    pass
