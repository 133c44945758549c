"""Segments trimmed, joined and given clean edges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

FRAME_SECONDS = 0.01
QUIET_DECIBELS = -48.0
"""A frame this far below the loudest one is taken for silence."""

LEAD_SECONDS, TAIL_SECONDS = 0.05, 0.12
"""Kept around the sound, so that soft onsets and decays are not clipped."""

LONGEST_PAUSE_SECONDS = 1.0
FADE_SECONDS = 0.008

Samples = NDArray[np.float32]


def loud_frames(samples: Samples, rate: int) -> NDArray[np.bool_]:
    """Which frames of `FRAME_SECONDS` carry sound."""
    frame = round(rate * FRAME_SECONDS)
    count = len(samples) // frame
    if count == 0:
        return np.zeros(0, dtype=np.bool_)
    energy = np.sqrt(np.mean(samples[: count * frame].reshape(count, frame).astype(np.float64) ** 2, axis=1))
    loud: NDArray[np.bool_] = energy > max(energy.max() * 10 ** (QUIET_DECIBELS / 20), 1e-5)
    return loud


def bounds(samples: Samples, rate: int) -> tuple[int, int]:
    """First and past-last sample to keep: the sound with a little air on both sides."""
    loud = np.flatnonzero(loud_frames(samples, rate))
    if loud.size == 0:
        return 0, len(samples)
    frame = round(rate * FRAME_SECONDS)
    start = int(loud[0]) * frame - round(rate * LEAD_SECONDS)
    end = (int(loud[-1]) + 1) * frame + round(rate * TAIL_SECONDS)
    return max(0, start), min(len(samples), end)


def quietened(samples: Samples, rate: int) -> tuple[Samples, Callable[[int], int]]:
    """The samples with inner pauses shortened to `LONGEST_PAUSE_SECONDS`, and where each sample went."""
    frame, longest = round(rate * FRAME_SECONDS), round(LONGEST_PAUSE_SECONDS / FRAME_SECONDS)
    sounding = np.flatnonzero(loud_frames(samples, rate))
    cuts = [
        ((int(before) + 1 + longest // 2) * frame, (int(after) - (longest - longest // 2)) * frame)
        for before, after in pairwise(sounding)
        if after - before - 1 > longest
    ]
    if not cuts:
        return samples, lambda position: position
    edges = [0, *(edge for cut in cuts for edge in cut), len(samples)]
    kept = [samples[first:last] for first, last in zip(edges[::2], edges[1::2], strict=True)]
    return np.concatenate([faded(part, rate) for part in kept]), partial(_moved, cuts)


def _moved(cuts: Sequence[tuple[int, int]], position: int) -> int:
    return position - sum(min(max(position - first, 0), last - first) for first, last in cuts)


def faded(samples: Samples, rate: int) -> Samples:
    """A copy whose first and last milliseconds rise from and fall to zero, so that nothing clicks."""
    done = samples.copy()
    length = min(round(rate * FADE_SECONDS), len(done) // 2)
    ramp = np.sin(np.linspace(0.0, np.pi / 2, length, dtype=np.float32)) ** 2
    done[:length] *= ramp
    done[len(done) - length :] *= ramp[::-1]
    return done


def placed(part: Samples, silence: float, rate: int) -> Samples:
    """The part with clean edges and what `silence` seconds to the next one lack beside the air of both."""
    return np.concatenate([faded(part, rate), np.zeros(gap(silence, rate), dtype=np.float32)])


def gap(pause: float, rate: int) -> int:
    """Samples of silence between two parts that are to pause so long, beside the air both bring along."""
    return max(0, round(rate * pause) - round(rate * (LEAD_SECONDS + TAIL_SECONDS)))


def joined(parts: Sequence[Samples], pauses: Sequence[float], rate: int) -> tuple[Samples, list[int]]:
    """The parts one after another, each followed by its pause in seconds, and where each part begins.

    Between parts the pause counts the air both bring along. The last part keeps at least `TAIL_SECONDS`
    of quiet after its sound.
    """
    pieces: list[Samples] = []
    starts: list[int] = []
    position = 0
    for part, pause in zip(parts, pauses, strict=True):
        starts.append(position)
        pieces.append(placed(part, pause if len(pieces) < len(parts) - 1 else 0.0, rate))
        position += len(pieces[-1])
    pieces.append(np.zeros(_missing_tail(parts[-1], rate), dtype=np.float32))
    return np.concatenate(pieces), starts


class Placing:
    """The same as `joined`, with silence around the whole, one part at a time."""

    def __init__(self, lead: float, tail: float, rate: int) -> None:
        self._lead = silence(lead, rate)
        self._tail = silence(tail, rate)
        self._rate = rate

    def place(self, part: Samples, pause: float, *, last: bool) -> Samples:
        pieces = [self._lead, placed(part, 0.0 if last else pause, self._rate)]
        self._lead = self._lead[:0]
        if last:
            pieces += [np.zeros(_missing_tail(part, self._rate), dtype=np.float32), self._tail]
        return np.concatenate(pieces)


def silence(seconds: float, rate: int) -> Samples:
    return np.zeros(round(seconds * rate), dtype=np.float32)


def _missing_tail(part: Samples, rate: int) -> int:
    loud = np.flatnonzero(loud_frames(part, rate))
    frame = round(rate * FRAME_SECONDS)
    quiet = len(part) - (int(loud[-1]) + 1) * frame if loud.size else len(part)
    return max(0, round(rate * TAIL_SECONDS) - quiet)
