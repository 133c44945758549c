"""When each word is spoken.

Where the backend places its phonemes, a word begins and ends with its own. Where it does not, the time of a
segment is shared out in proportion to phonemes: good to a few tenths of a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.text.segments import Segment
from engine.values import Word


def word_times(
    segment: Segment, start: float, end: float, spans: Sequence[tuple[float, float]]
) -> Iterator[Word]:
    """The shown words of a segment that sounds from `start` to `end` seconds.

    `spans` holds a (start, end) in seconds for every character of the segment's phonemes, or nothing.
    """
    for word, (first, last) in zip(segment.words, segment.places, strict=True):
        if spans:
            begins, ends = spans[first][0], spans[last - 1][1]
        else:
            whole = len(segment.phonemes)
            begins, ends = (start + (end - start) * at / whole for at in (first, last))
        if word.shown:
            yield Word(word.shown, round(max(begins, start), 3), round(max(begins, start, min(ends, end)), 3))
