"""Whole requests spoken by a model that renders one line at a time, in one voice throughout.

A voice that is only described comes out different at every call. So it speaks one sentence first, which is
kept and is the reference of everything else (`made_voices`); where nothing is kept, the first piece that went
well is that of those that follow.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engine.backends.voxcpm_clip import clip
from engine.backends.voxcpm_prompt import Line, Prompt, Turn, Voice, audition_of
from engine.directions import names_somebody
from engine.errors import AudioDefective
from engine.values import Cancelled, Progress

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.backends.made_voices import MadeVoices

PAUSE_SECONDS = 0.25
TRIES = 3

_SILENT_RMS = 1e-3


@dataclass(frozen=True, slots=True)
class Chunk:
    """Mono float32 samples, -1.0 to 1.0, at `sample_rate` hertz."""

    samples: NDArray[np.float32]
    sample_rate: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text and where it sounds: first and past-last sample."""

    text: str
    start: int
    end: int
    pause: float | None = None
    """Seconds of silence that were asked for before it."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A request spoken: mono float32 samples, with silence between the pieces."""

    samples: NDArray[np.float32]
    sample_rate: int
    seed: int
    pieces: tuple[Piece, ...]
    warnings: tuple[str, ...]


Chunks = Generator[Chunk, None, None]

Render = Callable[[Line, Cancelled | None], Chunks]
"""Speaks one line; closed before the next one begins. The same line gives the same samples."""


@dataclass(frozen=True, slots=True)
class Take:
    """A piece that is done, with the silence asked for before it and before the next one (None: as usual)."""

    take: Chunk
    pause: float | None
    next_pause: float | None
    is_last: bool


class Heard(Protocol):
    """Told of speech as it is made, from the thread that speaks."""

    def making(self, chunk: Chunk, pause: float | None) -> None:
        """A stretch of the next piece, before which `pause` seconds of silence were asked for."""
        ...

    def again(self) -> None:
        """The piece went wrong and is begun anew."""
        ...

    def done(self, piece: Take) -> None: ...


def record(
    prompt: Prompt,
    render: Render,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    heard: Heard | None = None,
    made: MadeVoices | None = None,
) -> Recording:
    """Speak all of `prompt`; a piece that goes wrong is tried again with other random numbers.

    `heard` is told of everything as it is made; `made` keeps the voices that were only described.

    Raises `AudioDefective` when it goes wrong each time, `Cancelled`, and what `render` raises.
    """
    takes: list[Chunk] = []
    voices = _Voices(prompt, _auditions(prompt, render, cancelled, made))
    whole = sum(map(len, prompt.pieces))
    done = 0
    for number, piece in enumerate(prompt.pieces):
        line_of = partial(prompt.line, number, voices.voice(number))
        takes.append(_take(line_of, render, cancelled, heard, prompt.turns[number].pause))
        voices.heard(number, takes[-1])
        if heard is not None:
            heard.done(_noted(prompt, number, takes[-1]))
        done += len(piece)
        if progress is not None:
            progress(done / whole)
    return _joined(prompt, takes)


def _noted(prompt: Prompt, number: int, take: Chunk) -> Take:
    is_last = number == len(prompt.turns) - 1
    following = None if is_last else prompt.turns[number + 1].pause
    return Take(take, prompt.turns[number].pause, following, is_last)


class _Voices:
    """Who speaks which piece: the voice that was given, else for each speaker the one of their audition, else
    the first piece they spoke."""

    def __init__(self, prompt: Prompt, audition: Callable[[str], Voice] | None) -> None:
        self._prompt = prompt
        self._audition = audition
        self._of: dict[str, Voice] = {}

    def voice(self, number: int) -> Voice:
        speaker = self._speaker(number)
        if self._audition is not None and speaker not in self._of:
            self._of[speaker] = self._audition(speaker)
        return self._of.get(speaker, self._prompt.voice)

    def heard(self, number: int, take: Chunk) -> None:
        if not self._prompt.voice.is_given:
            self._of.setdefault(self._speaker(number), Voice(reference=clip(take.samples, take.sample_rate)))

    def _speaker(self, number: int) -> str:
        turn = self._prompt.turns[number]
        return turn.speaker or (turn.cue if names_somebody(turn.cue) else "")


def _auditions(
    prompt: Prompt, render: Render, cancelled: Cancelled | None, made: MadeVoices | None
) -> Callable[[str], Voice] | None:
    """What gives the voice of a speaker who is only described; None where the voice is given."""
    if made is None or prompt.voice.is_given:
        return None

    def audition(speaker: str) -> Voice:
        who = ", ".join(part for part in (prompt.description, speaker) if part)

        def spoken() -> bytes:
            take = _take(partial(audition_of, who, prompt.seed), render, cancelled)
            return clip(take.samples, take.sample_rate)

        return Voice(reference=made.reference(who, prompt.seed, spoken))

    return audition


def _take(
    line_of: Callable[[int], Line],
    render: Render,
    cancelled: Cancelled | None,
    heard: Heard | None = None,
    pause: float | None = None,
) -> Chunk:
    flaw = None
    for retry in range(TRIES):
        if retry and heard is not None:
            heard.again()
        line = line_of(retry)
        take = _whole(list(_told(_limited(line, render, cancelled), heard, pause)))
        flaw = _flaw(take, line)
        if flaw is None:
            return take
    raise AudioDefective(f"The voice could not say this text properly: {flaw}, in each of {TRIES} tries.")


def _told(chunks: Chunks, heard: Heard | None, pause: float | None) -> Chunks:
    with closing(chunks):
        for chunk in chunks:
            if heard is not None and np.isfinite(chunk.samples).all():
                heard.making(chunk, pause)
            yield chunk


def _limited(line: Line, render: Render, cancelled: Cancelled | None) -> Chunks:
    """What is rendered of `line`, until it runs on beyond any speech of its text."""
    seconds = 0.0
    with closing(render(line, cancelled)) as chunks:
        for chunk in chunks:
            yield chunk
            seconds += len(chunk.samples) / chunk.sample_rate
            if seconds >= line.most_seconds:
                return


def _flaw(take: Chunk, line: Line) -> str | None:
    if not len(take.samples) or not np.isfinite(take.samples).all():
        return "the audio is broken"
    if float(np.sqrt(np.mean(take.samples.astype(np.float64) ** 2))) < _SILENT_RMS:
        return "the audio is silent"
    seconds = len(take.samples) / take.sample_rate
    if seconds < line.least_seconds:
        return "the audio ends before its text can"
    if seconds >= line.most_seconds:
        return "the audio runs on far beyond its text"
    return None


def _whole(chunks: list[Chunk]) -> Chunk:
    if not chunks:
        return Chunk(np.zeros(0, np.float32), 1)
    return Chunk(np.concatenate([chunk.samples for chunk in chunks]), chunks[0].sample_rate)


def _joined(prompt: Prompt, takes: list[Chunk]) -> Recording:
    rate = takes[0].sample_rate
    parts: list[NDArray[np.float32]] = []
    pieces: list[Piece] = []
    length = 0
    for text, turn, take in zip(prompt.pieces, prompt.turns, takes, strict=True):
        if parts:
            parts.append(_silence(turn, rate))
            length += len(parts[-1])
        parts.append(take.samples)
        pieces.append(Piece(text, length, length + len(take.samples), turn.pause))
        length = pieces[-1].end
    return Recording(np.concatenate(parts), rate, prompt.seed, tuple(pieces), prompt.warnings)


def _silence(turn: Turn, rate: int) -> NDArray[np.float32]:
    seconds = PAUSE_SECONDS if turn.pause is None else turn.pause
    return np.zeros(round(seconds * rate), np.float32)
