"""One loudness for everything that leaves the engine (ITU-R BS.1770-4).

Target: -18 LUFS integrated, mono, true peak at most -1 dBTP. That is the level at which spoken mono sounds
as loud as stereo programmes at -15 LUFS do, and it leaves speech its peaks: little needs limiting.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

TARGET_LUFS = -18.0
CEILING_DBTP = -1.0

_OVERSAMPLING = 4
_LOOKAHEAD_SECONDS = 0.004
_BLOCK_SECONDS = 0.4
_RINGING_SECONDS = 0.25
"""What the filters keep of a sample after so long is below any that counts."""
_STRETCH_SECONDS = 10.0
_OFFSET_LUFS = -0.691
_SILENCE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_TAPS = 10
_TOLERANCE = 0.1
_ROUNDS = 4
_MOST_GAIN_DECIBELS = 40.0

Samples = NDArray[np.float32]


def loudness(samples: Samples, rate: int) -> float:
    """Integrated loudness in LUFS; minus infinity for silence.

    A clip shorter than the 400 ms block of the standard is measured as if it went on repeating.
    """
    least = int(2 * _BLOCK_SECONDS * rate)
    if len(samples) < least:
        samples = np.tile(samples, -(-least // max(len(samples), 1)))
    powers = _block_powers(samples, rate)
    powers = powers[powers > _power(_SILENCE_LUFS)]
    if not len(powers):
        return -math.inf
    powers = powers[powers > powers.mean() * 10 ** (_RELATIVE_GATE_LU / 10)]
    return _OFFSET_LUFS + 10 * math.log10(powers.mean())


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET_LUFS) / 10))


def _block_powers(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Mean squares of K-weighted blocks of 400 ms, one every 100 ms (section 2.1)."""
    steps = np.rint(np.arange(0, len(samples) / rate, _BLOCK_SECONDS / 4) * rate).astype(int)
    energy = np.concatenate([[0.0], np.cumsum(_weighted(samples, rate) ** 2)])
    first, last = steps[:-4], steps[4:]
    return np.asarray((energy[last] - energy[first]) / (last - first))


def _weighted(samples: Samples, rate: int) -> NDArray[np.float64]:
    """`samples` through the standard's filters for the head and for low tones (annex 1, section 2)."""
    settled = round(_RINGING_SECONDS * rate)
    stretch = round(_STRETCH_SECONDS * rate)
    response = _response(rate, size := stretch + 2 * settled)
    done = np.empty(len(samples))
    for start in range(0, len(samples), stretch):
        before = min(start, settled)
        part = samples[start - before : start + stretch]
        heard = np.fft.irfft(np.fft.rfft(part, size) * response, size)
        done[start : start + stretch] = heard[before : len(part)]
    return done


@cache
def _response(rate: int, size: int) -> NDArray[np.complex128]:
    """What the two filters do to each frequency of `size` samples.

    The standard gives their coefficients at 48 kHz; these are the analogue filters those come from.
    """
    delay = np.exp(-2j * np.pi * np.fft.rfftfreq(size))
    shelf = math.tan(math.pi * 1681.974450955533 / rate)
    high, q = 10 ** (3.999843853973347 / 20), 0.7071752369554196
    band = high**0.4996667741545416
    head = _second_order(
        (high + band * shelf / q + shelf**2, 2 * (shelf**2 - high), high - band * shelf / q + shelf**2),
        shelf,
        q,
        delay,
    )
    low = math.tan(math.pi * 38.13547087602444 / rate)
    low_q = 0.5003270373238773
    norm = 1 + low / low_q + low**2
    return head * _second_order((norm, -2 * norm, norm), low, low_q, delay)


def _second_order(
    above: tuple[float, float, float], k: float, q: float, delay: NDArray[np.complex128]
) -> NDArray[np.complex128]:
    below = (1 + k / q + k**2, 2 * (k**2 - 1), 1 - k / q + k**2)
    return np.polyval(above[::-1], delay) / np.polyval(below[::-1], delay)


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
    return float(np.max(_peaks(samples), initial=0.0))


def limited(samples: Samples, rate: int) -> Samples:
    """`samples` turned down smoothly around peaks over the ceiling; the same array when there are none."""
    ceiling = 10 ** (CEILING_DBTP / 20)
    peaks = _peaks(samples)
    if peaks.max(initial=0.0) <= ceiling:
        return samples
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    width = 2 * round(rate * _LOOKAHEAD_SECONDS) + 1
    gain = np.minimum(1.0, ceiling * 0.995 / np.maximum(peaks, 1e-9))
    smooth = uniform_filter1d(minimum_filter1d(gain, 2 * width), width)
    return np.asarray(samples * smooth, dtype=np.float32)


def _peaks(samples: Samples) -> Samples:
    """For each sample the highest absolute value from it up to the next (annex 2: interpolated by four)."""
    peaks = np.abs(samples)
    if len(samples):
        for between in _interpolation():
            # Not NumPy's "same", which is as long as the filter when the samples are fewer.
            interpolated = np.convolve(samples, between)[_TAPS : _TAPS + len(samples)]
            np.maximum(peaks, np.abs(interpolated), out=peaks)
    return peaks


@cache
def _interpolation() -> tuple[Samples, ...]:
    """Filters for a quarter, half and three quarters of the way from one sample to the next."""
    reach = np.arange(-_TAPS, _TAPS + 1)
    window = np.kaiser(2 * _TAPS * _OVERSAMPLING + 1, 5.0)
    filters = []
    for quarter in range(1, _OVERSAMPLING):
        places = reach + quarter / _OVERSAMPLING
        shape = np.interp(places, np.linspace(-_TAPS, _TAPS, len(window)), window, left=0.0, right=0.0)
        taps = np.sinc(places) * shape
        filters.append((taps / taps.sum()).astype(np.float32))
    return tuple(filters)
