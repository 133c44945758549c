"""The spoken text with its times, for a page that follows the voice."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from engine.values import Word
from hub.api.captions import Caption, captions

_MOST_PIECES = 400
"""Of a text with more words the lines of its captions are shown, several at a time when they are many too: a
chapter's words would make half a megabyte."""
_MOST_BYTES = 60_000
"""What is beyond is in the captions: a page stays light whatever the script."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A word or a line, and when it is heard, in seconds from the start."""

    text: str
    start: float
    end: float


def transcript(rows: Sequence[Sequence[Any]]) -> list[Piece]:
    """From the words as the record keeps them: `[text, start, end]` each."""
    words = [Word(text, start, end) for text, start, end in rows]
    if len(words) <= _MOST_PIECES:
        return [Piece(word.text, word.start, word.end) for word in words]
    lines = list(captions(words))
    together = math.ceil(len(lines) / _MOST_PIECES)
    return _within([_joined(lines[at : at + together]) for at in range(0, len(lines), together)])


def _joined(lines: Sequence[Caption]) -> Piece:
    return Piece(" ".join(line.text for line in lines), lines[0].start, lines[-1].end)


def _within(pieces: Sequence[Piece]) -> list[Piece]:
    """As many from the beginning as may be shown."""
    sizes = accumulate(len(piece.text.encode()) for piece in pieces)
    return [piece for piece, size in zip(pieces, sizes, strict=True) if size <= _MOST_BYTES]


def clock(seconds: float) -> str:
    """E.g. `0:07`, `12:30`, `1:02:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
