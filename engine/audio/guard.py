"""What no listener may get: silent, broken, runaway or looping audio."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SILENT_RMS = 1e-3
LONGEST_SECONDS_PER_PHONEME = 0.4
LONGEST_SECONDS_AT_LEAST = 3.0
USUAL_SECONDS_PER_PHONEME = 0.09

_FRAME = 480
_BANDS = 24
_LOOP_SECONDS = (0.4, 4.0)
_LOOP_LIKENESS = 0.985


def defect(samples: NDArray[np.float32], rate: int, phonemes: int, speed: float = 1.0) -> str | None:
    """Why the rendering of so many phonemes cannot be used, or None when it can."""
    if len(samples) == 0 or not np.isfinite(samples).all():
        return "the audio is broken"
    if float(np.sqrt(np.mean(samples.astype(np.float64) ** 2))) < SILENT_RMS:
        return "the audio is silent"
    seconds = len(samples) / rate
    if seconds > max(LONGEST_SECONDS_AT_LEAST, phonemes * LONGEST_SECONDS_PER_PHONEME / speed):
        return "the audio runs on far beyond its text"
    usual = phonemes * USUAL_SECONDS_PER_PHONEME / speed
    if seconds > max(2 * usual, 2 * _LOOP_SECONDS[0]) and _loops(samples, rate):
        return "the audio repeats itself"
    return None


def _loops(samples: NDArray[np.float32], rate: int) -> bool:
    """Whether the second half is one stretch over and over, by the likeness of its spectra at a lag."""
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    spectra = np.abs(np.fft.rfft(frames * np.hanning(_FRAME), axis=1))[:, : 10 * _BANDS]
    bands = np.log(spectra.reshape(len(spectra), _BANDS, -1).mean(axis=2) + 1e-4)
    bands -= bands.mean(axis=0)
    half = bands[len(bands) // 2 :]
    norms = np.linalg.norm(half, axis=1) + 1e-9
    first, last = (round(seconds * rate / _FRAME) for seconds in _LOOP_SECONDS)
    for lag in range(first, min(last, len(half) // 2)):
        alike = np.sum(half[lag:] * half[:-lag], axis=1) / (norms[lag:] * norms[:-lag])
        if float(np.mean(alike)) > _LOOP_LIKENESS:
            return True
    return False
