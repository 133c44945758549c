"""Is a chapter whole, steady and timed? It is read back by Whisper, stretch by stretch."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.values import Word
from hub.evaluation.figures import Figure
from hub.evaluation.libraries import Transcriber
from hub.evaluation.words import spelled

SHORTEST, LONGEST = 12.0, 26.0
"""Seconds of a stretch that is read back at once; Whisper hears 30."""

WINDOW = 30.0
"""Seconds over which loudness is compared with that of the whole."""

MOST_MISHEARD = 8
"""A run of more words than these was lost or added, not misheard: the shortest segment has about ten."""

Samples = NDArray[np.float32]


def chapter_figures(
    audio: bytes, words: Sequence[Word], text: str, listen: Transcriber | None = None
) -> list[Figure]:
    """Word errors, the longest run of words lost and added, loudness, and the times of words.

    `words` are those the engine timed in `audio`, `text` is what was to be said. Raises `LibraryMissing`.
    """
    import soundfile

    samples, rate = soundfile.read(io.BytesIO(audio), dtype="float32")
    heard = list(_heard(samples, rate, listen or Transcriber()))
    return [
        *_completeness(text, heard),
        Figure("chapter.loudness_lu", _unsteadiness(samples, rate), 1, 0.1, 1.0, higher_is_better=False),
        *_times(words, heard),
    ]


def stretches(samples: Samples, rate: int) -> Iterator[tuple[int, int]]:
    """First and past-last sample of pieces cut where it is quietest."""
    first, frame = 0, rate // 20
    while len(samples) - first > LONGEST * rate:
        low, high = first + round(SHORTEST * rate), first + round(LONGEST * rate)
        level = np.abs(samples[low : low + (high - low) // frame * frame]).reshape(-1, frame).max(axis=1)
        smooth = np.convolve(level, np.ones(5) / 5, "same")
        cut = low + int(np.argmin(smooth)) * frame + frame // 2
        yield first, cut
        first = cut
    yield first, len(samples)


def _heard(samples: Samples, rate: int, listen: Transcriber) -> Iterator[Word]:
    for first, last in stretches(samples, rate):
        for word in listen.words(samples[first:last], rate):
            yield Word(word.text, word.start + first / rate, word.end + first / rate)


def _completeness(text: str, heard: Sequence[Word]) -> list[Figure]:
    import jiwer

    compared = jiwer.process_words(spelled(text), spelled(" ".join(word.text for word in heard)))
    runs = {"delete": 0, "insert": 0}
    for chunk in compared.alignments[0]:
        if chunk.type in runs:
            length = max(chunk.ref_end_idx - chunk.ref_start_idx, chunk.hyp_end_idx - chunk.hyp_start_idx)
            runs[chunk.type] = max(runs[chunk.type], length)
    total = compared.hits + compared.substitutions + compared.deletions
    return [
        Figure("chapter.word_errors", compared.wer, total, 0.01),
        Figure("chapter.longest_loss", runs["delete"], total, 2, MOST_MISHEARD, higher_is_better=False),
        Figure("chapter.longest_repeat", runs["insert"], total, 2, MOST_MISHEARD, higher_is_better=False),
    ]


def _unsteadiness(samples: Samples, rate: int) -> float:
    """How many LU the loudness of a window is from that of the whole, at most."""
    from engine.audio.loudness import loudness

    window, whole = round(WINDOW * rate), loudness(samples, rate)
    starts = range(0, max(len(samples) - window, 0) + 1, window)
    return max(abs(loudness(samples[start : start + window], rate) - whole) for start in starts)


def _times(words: Sequence[Word], heard: Sequence[Word]) -> list[Figure]:
    """Of the words both agree on, how far apart the two place their beginnings and ends, in seconds."""
    from difflib import SequenceMatcher

    ours, theirs = [_plain(word) for word in words], [_plain(word) for word in heard]
    matching: Any = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    pairs = [
        (words[mine + step], heard[other + step]) for mine, other, size in matching for step in range(size)
    ]
    starts = [abs(one.start - other.start) for one, other in pairs]
    ends = [abs(one.end - other.end) for one, other in pairs]
    return [
        Figure("chapter.word_starts_s", median(starts), len(pairs), 0.02, 0.15, higher_is_better=False),
        Figure("chapter.word_ends_s", median(ends), len(pairs), 0.02, 0.15, higher_is_better=False),
    ]


def _plain(word: Word) -> str:
    return re.sub(r"[^\w']", "", word.text.lower().replace("’", "'"))
