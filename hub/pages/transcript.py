"""The spoken text with its times, for a page that follows the voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.values import Word
from hub.api.captions import captions

_MOST_WORDS = 400
"""Of a longer text the lines of its captions are shown: a chapter's words would make half a megabyte."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A word or a line, and when it is heard, in seconds from the start."""

    text: str
    start: float
    end: float


def transcript(rows: Sequence[Sequence[Any]]) -> list[Piece]:
    """From the words as the record keeps them: `[text, start, end]` each."""
    words = [Word(text, start, end) for text, start, end in rows]
    if len(words) <= _MOST_WORDS:
        return [Piece(word.text, word.start, word.end) for word in words]
    return [Piece(line.text, line.start, line.end) for line in captions(words)]


def clock(seconds: float) -> str:
    """E.g. `0:07`, `12:30`, `1:02:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
