"""From a request to finished audio, for backends that take whole requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Protocol

from engine.directions import read
from engine.errors import BackendUnavailable, LanguageNotServed, NothingToSpeak
from engine.languages import LANGUAGES
from engine.script import language_of, left_out
from engine.values import Cancelled, Mode, Progress, Speech, SpeechRequest, Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.audio.live import Listener
    from engine.backends.narration import Heard, Piece, Recording
    from engine.text.pieces import SpokenWord

RENDERING_SHARE = 0.95
PAUSE_SECONDS = 0.32


class SpeechEngine(Protocol):
    """What everyone who wants speech needs of an engine."""

    @property
    def name(self) -> str: ...

    def warm_up(self) -> None: ...

    def speak(
        self,
        request: SpeechRequest,
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
        listener: Listener | None = None,
    ) -> Speech: ...


class WholeBackend(Protocol):
    """Speaks a request whose text is spelled out but for a leading cue; safe to share between threads."""

    @property
    def name(self) -> str: ...

    def warm_up(self) -> None: ...

    def unserved(self, request: SpeechRequest) -> Sequence[str]:
        """Names of the request's settings that this backend cannot follow."""
        ...

    def speak(
        self,
        request: SpeechRequest,
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
        heard: Heard | None = None,
    ) -> Recording:
        """`heard` is told what is being made of the recording."""
        ...


class Narrator:
    """`engine.speaker.Engine` for a backend that designs, clones and reads by itself."""

    def __init__(self, backend: WholeBackend) -> None:
        self._backend = backend

    @property
    def name(self) -> str:
        return self._backend.name

    def warm_up(self) -> None:
        """Raises what keeps the backend from speaking."""
        from engine import detection

        self._backend.warm_up()
        detection.preload()

    def unserved(self, request: SpeechRequest) -> Sequence[str]:
        """Names of the request's settings that the backend cannot follow; speaking leaves them out."""
        return self._backend.unserved(request)

    def speak(
        self,
        request: SpeechRequest,
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
        listener: Listener | None = None,
    ) -> Speech:
        """The finished audio of `request`; raises `EngineError`s. `progress` never falls and ends at 1.0."""
        report = progress or _nobody
        script = _script(request)
        recording = self._backend.speak(
            script.request,
            progress=lambda done: report(RENDERING_SHARE * done),
            cancelled=cancelled,
            heard=_heard(script, listener),
        )
        speech = _finished(recording, script, self.name)
        report(1.0)
        return speech


class Preferring:
    """Speaks with `first`, and with `other`, which follows every setting, what `first` cannot: a language, or
    a setting the request changes. The warnings say why."""

    def __init__(self, first: Narrator, other: SpeechEngine) -> None:
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
        self,
        request: SpeechRequest,
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
        listener: Listener | None = None,
    ) -> Speech:
        if unserved := self._first.unserved(request):
            reason = f"it does not follow {' and '.join(unserved)}"
        else:
            try:
                return self._first.speak(request, progress=progress, cancelled=cancelled, listener=listener)
            except LanguageNotServed as error:
                reason = str(error)
        speech = self._other.speak(request, progress=progress, cancelled=cancelled, listener=listener)
        why = f"Spoken by {speech.engine} because {self._first.name} cannot: {reason}"
        return replace(speech, warnings=(*speech.warnings, why))


@dataclass(frozen=True, slots=True)
class _Script:
    """The request with its language settled and its numbers, dates and signs in words; directions stay.

    `silence` seconds follow the last word.
    """

    request: SpeechRequest
    words: tuple[SpokenWord, ...]
    silence: float
    warnings: tuple[str, ...]


def _script(request: SpeechRequest) -> _Script:
    from engine.text.cleaning import clean
    from engine.text.dictionary import Dictionary
    from engine.text.normalise import normalise
    from engine.voicing import seed_of

    reading = read(request.text)
    texts = [clean(passage.text) for passage in reading.passages]
    code = language_of(request, " ".join(texts))
    joiner = "" if LANGUAGES[code].script in ("Hans", "Jpan") else " "
    dictionary = Dictionary(request.pronunciations, code, ipa=False)
    normalised = [normalise(text, code, dictionary) for text in texts]
    spoken = [joiner.join(word.spoken for word in part.words) for part in normalised]
    if not any(character.isalnum() for text in spoken for character in text):
        raise NothingToSpeak("The text holds nothing that can be spoken.")
    told = [replace(passage, text=text) for passage, text in zip(reading.passages, spoken, strict=True)]
    settled = replace(
        request,
        text="\n".join(passage.marked for passage in told),
        language=code,
        seed=seed_of(request, reading.passages[0].cue),
    )
    missing = dict.fromkeys(character for part in normalised for character in part.left_out)
    return _Script(
        settled,
        tuple(word for part in normalised for word in part.words),
        reading.silence,
        (*reading.warnings, *left_out(missing)),
    )


def _heard(script: _Script, listener: Listener | None) -> Heard | None:
    if listener is None:
        return None
    from engine.hearing import Hearing

    return Hearing(listener, PAUSE_SECONDS, script.silence)


def _finished(recording: Recording, script: _Script, engine: str) -> Speech:
    import numpy as np

    from engine.audio import edges, encoding, loudness
    from engine.audio.labels import Labels

    rate = recording.sample_rate
    parts: list[NDArray[np.float32]] = []
    for piece in recording.pieces:
        samples = recording.samples[piece.start : piece.end]
        first, last = edges.bounds(samples, rate)
        parts.append(samples[first:last])
    pauses = [PAUSE_SECONDS if piece.pause is None else piece.pause for piece in recording.pieces]
    whole, starts = edges.joined(parts, [*pauses[1:], 0.0], rate)
    lead = edges.silence(recording.pieces[0].pause or 0.0, rate)
    tail = edges.silence(script.silence, rate)
    samples = np.concatenate([lead, loudness.levelled(whole, rate), tail])
    starts = [len(lead) + start for start in starts]
    spans = [
        (start / rate + edges.LEAD_SECONDS, (start + len(part)) / rate - edges.TAIL_SECONDS)
        for start, part in zip(starts, parts, strict=True)
    ]
    labels = Labels(engine, script.request.mode is Mode.CLONE, script.request.generation)
    return Speech(
        audio=encoding.encode(samples, rate, script.request.format, labels),
        format=script.request.format,
        sample_rate=rate,
        duration_seconds=len(samples) / rate,
        language=script.request.language,
        seed=recording.seed,
        engine=engine,
        words=_words(script.words, recording.pieces, spans),
        peaks=encoding.peaks(samples),
        warnings=(*recording.warnings, *script.warnings),
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
