"""A voice as a line: 200 peaks drawn as one SVG path on the server."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

WIDTH = 800
HEIGHT = 96
_MIDDLE = HEIGHT / 2
_LEAST = 1.0


def waveform_path(peaks: Sequence[float]) -> str:
    """The `d` of one path in a box of WIDTH by HEIGHT: an upright stroke for each peak (0.0 to 1.0).

    The loudest stroke fills the height, so that a quiet voice can be told from another quiet one as well;
    without peaks it is one level line.
    """
    loudest = max((abs(peak) for peak in peaks), default=0.0)
    if loudest <= 0.0:
        return f"M0 {_MIDDLE:g}H{WIDTH}"
    step = WIDTH / len(peaks)
    return "".join(_stroke((number + 0.5) * step, abs(peak) / loudest) for number, peak in enumerate(peaks))


def _stroke(x: float, loudness: float) -> str:
    half = max(_LEAST, loudness * (_MIDDLE - 4))
    return f"M{x:g} {round(_MIDDLE - half, 1):g}V{round(_MIDDLE + half, 1):g}"


def thinned(peaks: Sequence[float], count: int) -> list[float]:
    """The loudest of each of `count` stretches, for a small drawing of the same voice."""
    if len(peaks) <= count:
        return list(peaks)
    bounds = [number * len(peaks) // count for number in range(count + 1)]
    return [max(abs(peak) for peak in peaks[start:end]) for start, end in pairwise(bounds)]
