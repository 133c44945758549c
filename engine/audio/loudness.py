"""One loudness for everything that leaves the engine (ITU-R BS.1770-4).

Target: -18 LUFS integrated, mono, true peak at most -1 dBTP. That is the level at which spoken mono sounds
as loud as stereo programmes at -15 LUFS do, and it leaves speech its peaks: little needs limiting.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

TARGET_LUFS = -18.0
CEILING_DBTP = -1.0

_OVERSAMPLING = 4
_LOOKAHEAD_SECONDS = 0.004
_BLOCK_SECONDS = 0.4
_TOLERANCE = 0.1
_ROUNDS = 4
_MOST_GAIN_DECIBELS = 40.0

Samples = NDArray[np.float32]


def loudness(samples: Samples, rate: int) -> float:
    """Integrated loudness in LUFS; minus infinity for silence.

    A clip shorter than the 400 ms block of the standard is measured as if it went on repeating.
    """
    import pyloudnorm

    least = int(2 * _BLOCK_SECONDS * rate)
    if len(samples) < least:
        samples = np.tile(samples, -(-least // max(len(samples), 1)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(pyloudnorm.Meter(rate).integrated_loudness(samples.astype(np.float64)))


def levelled(samples: Samples, rate: int) -> Samples:
    """A copy at `TARGET_LUFS` whose true peaks stay under `CEILING_DBTP`."""
    done = samples
    for _ in range(_ROUNDS):
        measured = loudness(done, rate)
        if not np.isfinite(measured) or abs(measured - TARGET_LUFS) < _TOLERANCE:
            break
        gain = min(TARGET_LUFS - measured, _MOST_GAIN_DECIBELS)
        done = limited(done * np.float32(10 ** (gain / 20)), rate)
    return limited(done, rate)


def true_peak(samples: Samples) -> float:
    """The highest absolute value between and at the samples, four times oversampled."""
    from scipy.signal import resample_poly

    return float(np.max(np.abs(resample_poly(samples, _OVERSAMPLING, 1)), initial=0.0))


def limited(samples: Samples, rate: int) -> Samples:
    """`samples` turned down smoothly around peaks over the ceiling; the same array when there are none."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d
    from scipy.signal import resample_poly

    ceiling = 10 ** (CEILING_DBTP / 20)
    oversampled = np.abs(resample_poly(samples, _OVERSAMPLING, 1))[: len(samples) * _OVERSAMPLING]
    peaks = oversampled.reshape(len(samples), _OVERSAMPLING).max(axis=1)
    if peaks.max(initial=0.0) <= ceiling:
        return samples
    width = 2 * round(rate * _LOOKAHEAD_SECONDS) + 1
    gain = np.minimum(1.0, ceiling * 0.995 / np.maximum(peaks, 1e-9))
    smooth = uniform_filter1d(minimum_filter1d(gain, 2 * width), width)
    return np.asarray(samples * smooth, dtype=np.float32)
