"""Text in pieces of about 15 seconds: in one go the model hurries and distorts longer ones."""

from __future__ import annotations

import re

MOST_WEIGHT = 220
"""In letters; a dense character weighs as many as take its time to say."""

_DENSE_WEIGHT = 3.6
_ENDS = (
    re.compile(r"[.!?…]+[\"'”’)\]]*\s+|[。！？]+[”’」』）]*\s*"),
    re.compile(r"[,;:—]\s+|[，；：、]\s*"),
    re.compile(r"\s+"),
)


def split(text: str) -> list[str]:
    """Pieces of at most `MOST_WEIGHT`, cut after sentences if it can be, else clauses, words, letters."""
    pieces, start = [], 0
    while (reach := _reach(text, start)) < len(text):
        end = _cut(text, start, reach)
        pieces.append(text[start:end])
        start = end
    return [*pieces, text[start:]]


def _reach(text: str, start: int) -> int:
    weight = 0.0
    for place in range(start, len(text)):
        weight += _DENSE_WEIGHT if is_dense(text[place]) else 1.0
        if weight > MOST_WEIGHT:
            return place
    return len(text)


def _cut(text: str, start: int, reach: int) -> int:
    """The last good end before `reach` that leaves no scrap of a piece."""
    least = start + (reach - start) // 4
    for ends in _ENDS:
        found = [match.end() for match in ends.finditer(text, least, reach)]
        if found:
            return found[-1]
    return reach


def is_dense(character: str) -> bool:
    """Whether it takes a syllable or more to say: Han, kana, hangul and digits."""
    return character.isdigit() or "\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7a3"
