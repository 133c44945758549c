"""What the tests ask of finished audio."""

from __future__ import annotations

import io

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.values import Speech


def samples_of(speech: Speech) -> NDArray[np.float32]:
    """The decoded file; fails unless it is mono at the rate it claims."""
    samples, rate = soundfile.read(io.BytesIO(speech.audio), dtype="float32")
    assert samples.ndim == 1
    assert rate in (speech.sample_rate, 48_000)
    return np.asarray(samples, dtype=np.float32)


def decibels(samples: NDArray[np.float32]) -> float:
    """Root mean square in decibels relative to full scale."""
    return float(20 * np.log10(np.sqrt(np.mean(samples.astype(np.float64) ** 2)) + 1e-12))
