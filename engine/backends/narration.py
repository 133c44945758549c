"""Whole requests spoken by a model that renders one line at a time, in one voice throughout.

A voice that is only described comes out different at every call. So the first piece that went well becomes
the reference of those that follow.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.backends.voxcpm_clip import clip
from engine.backends.voxcpm_prompt import Line, Prompt, Voice
from engine.errors import AudioDefective
from engine.values import Cancelled, Progress

if TYPE_CHECKING:
    from numpy.typing import NDArray

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


def record(
    prompt: Prompt, render: Render, progress: Progress | None = None, cancelled: Cancelled | None = None
) -> Recording:
    """Speak all of `prompt`; a piece that goes wrong is tried again with other random numbers.

    Raises `AudioDefective` when it goes wrong each time, `Cancelled`, and what `render` raises.
    """
    takes: list[Chunk] = []
    voice = prompt.voice
    whole = sum(map(len, prompt.pieces))
    done = 0
    for piece in prompt.pieces:
        take = _take(prompt, piece, voice, render, cancelled)
        voice = voice if voice.is_given else _voice_of(take)
        takes.append(take)
        done += len(piece)
        if progress is not None:
            progress(done / whole)
    return _joined(prompt, takes)


def stream(prompt: Prompt, render: Render, cancelled: Cancelled | None = None) -> Chunks:
    """The samples as they are made. What has been sent cannot be taken back, so nothing is tried again."""
    voice = prompt.voice
    for number, piece in enumerate(prompt.pieces):
        heard: list[Chunk] = []
        with closing(_limited(prompt.line(piece, voice), render, cancelled)) as chunks:
            for chunk in chunks:
                if not np.isfinite(chunk.samples).all():
                    raise AudioDefective("The voice could not say this text properly: the audio is broken.")
                if number and not heard:
                    yield Chunk(_silence(chunk.sample_rate), chunk.sample_rate)
                heard.append(chunk)
                yield chunk
        if not heard:
            raise AudioDefective("The voice said nothing.")
        voice = voice if voice.is_given else _voice_of(_whole(heard))


def _take(prompt: Prompt, piece: str, voice: Voice, render: Render, cancelled: Cancelled | None) -> Chunk:
    flaw = None
    for retry in range(TRIES):
        line = prompt.line(piece, voice, retry)
        take = _whole(list(_limited(line, render, cancelled)))
        flaw = _flaw(take, line)
        if flaw is None:
            return take
    raise AudioDefective(f"The voice could not say this text properly: {flaw}, in each of {TRIES} tries.")


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


def _voice_of(take: Chunk) -> Voice:
    return Voice(reference=clip(take.samples, take.sample_rate))


def _joined(prompt: Prompt, takes: list[Chunk]) -> Recording:
    rate = takes[0].sample_rate
    parts: list[NDArray[np.float32]] = []
    pieces: list[Piece] = []
    length = 0
    for text, take in zip(prompt.pieces, takes, strict=True):
        if parts:
            parts.append(_silence(rate))
            length += len(parts[-1])
        parts.append(take.samples)
        pieces.append(Piece(text, length, length + len(take.samples)))
        length = pieces[-1].end
    return Recording(np.concatenate(parts), rate, prompt.seed, tuple(pieces), prompt.warnings)


def _silence(rate: int) -> NDArray[np.float32]:
    return np.zeros(round(PAUSE_SECONDS * rate), np.float32)
