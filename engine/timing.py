"""When each word is spoken.

Where the backend places its phonemes, a word begins and ends with its own. Where it does not, the time of a
segment is shared out in proportion to the phonemes of its words: good to a few tenths of a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from engine.text.segments import Segment
from engine.values import Word


def word_times(
    segment: Segment, start: float, end: float, spans: Sequence[tuple[float, float]]
) -> Iterator[Word]:
    """The shown words of a segment that sounds from `start` to `end` seconds.

    `spans` holds a (start, end) in seconds for every character of the segment's phonemes, or nothing.
    """
    groups = _groups(segment.phonemes)
    if spans and len(groups) == len(segment.words):
        places = [(spans[first][0], spans[last - 1][1]) for first, last in groups]
    else:
        exact = len(groups) == len(segment.words)
        sizes = [last - first for first, last in groups] if exact else [len(w.spoken) for w in segment.words]
        places = _shared(sizes, start, end)
    for word, (begins, ends) in zip(segment.words, places, strict=True):
        if word.shown:
            yield Word(word.shown, round(begins, 3), round(ends, 3))


def _groups(phonemes: str) -> list[tuple[int, int]]:
    """Where the phonemes of each spoken word begin and end."""
    groups: list[tuple[int, int]] = []
    position = 0
    for group in phonemes.split(" "):
        if any(symbol.isalpha() for symbol in group):
            groups.append((position, position + len(group)))
        position += len(group) + 1
    return groups


def _shared(sizes: Sequence[int], start: float, end: float) -> list[tuple[float, float]]:
    whole = sum(sizes) or 1
    marks = [start, *(start + (end - start) * done / whole for done in accumulate(sizes))]
    return list(pairwise(marks))
