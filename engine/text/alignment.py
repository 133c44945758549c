"""Which phonemes of a sentence belong to which word."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from itertools import accumulate, pairwise

from engine.text.pieces import SpokenWord

Place = tuple[int, int]
"""The first and past-last character of a word's phonemes."""

_GROUP = re.compile(r"\S*\w\S*")


def places(words: Sequence[SpokenWord], phonemes: str, phonemise: Callable[[str], str]) -> tuple[Place, ...]:
    """A place for every word, in order and inside `phonemes`.

    Where the spaces between the phonemes tell the words apart they decide. Where sounds were run together
    ("in the" is spoken as one), each word's own phonemes are looked for in the sentence.
    """
    groups = [found.span() for found in _GROUP.finditer(phonemes)]
    spoken = [max(1, len(_GROUP.findall(word.spoken))) for word in words]
    if sum(spoken) == len(groups):
        ends = list(accumulate(spoken))
        return tuple(
            (groups[end - count][0], groups[end - 1][1]) for end, count in zip(ends, spoken, strict=True)
        )
    return _found([phonemise(word.spoken) for word in words], phonemes)


def _found(alone: Sequence[str], phonemes: str) -> tuple[Place, ...]:
    text = " ".join(alone)
    starts = [0, *accumulate(len(sounds) + 1 for sounds in alone)]
    blocks = SequenceMatcher(None, text, phonemes, autojunk=False).get_matching_blocks()
    marks = [_moved(start, blocks, len(text), len(phonemes)) for start in starts]
    last = len(phonemes)
    return tuple((min(first, last - 1), max(end, min(first, last - 1) + 1)) for first, end in pairwise(marks))


def _moved(position: int, blocks: Sequence[tuple[int, int, int]], length: int, target: int) -> int:
    """Where `position` of the one text lies in the other, in proportion between what they share."""
    before, after = (0, 0), (length, target)
    for a, b, size in blocks:
        if a <= position < a + size:
            return b + position - a
        if a + size <= position and size:
            before = (a + size, b + size)
        elif a > position:
            after = (a, b)
            break
    share = (position - before[0]) / max(1, after[0] - before[0])
    return min(target, round(before[1] + min(1.0, share) * (after[1] - before[1])))
