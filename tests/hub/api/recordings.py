"""Reference recordings, good and bad, made of a voice-like sound."""

from __future__ import annotations

import io

import numpy as np
import soundfile
from numpy.typing import NDArray


def voice_like(seconds: float = 6.0, rate: int = 16_000) -> NDArray[np.float32]:
    """Syllables of a buzzing tone with pauses: loud and quiet enough to pass for speech at the gate."""
    time = np.arange(int(seconds * rate)) / rate
    buzz = sum(np.sin(2 * np.pi * 130 * n * time) / n for n in range(1, 12))
    syllables = np.clip(np.sin(2 * np.pi * 3 * time), 0, None)
    noise = np.random.default_rng(1).normal(0, 0.001, time.size)
    mixed: NDArray[np.float32] = (0.2 * buzz * syllables + noise).astype(np.float32)
    return mixed


def wav(samples: NDArray[np.float32] | None = None, rate: int = 16_000, subtype: str = "PCM_16") -> bytes:
    return encoded(voice_like(rate=rate) if samples is None else samples, rate, "WAV", subtype)


def encoded(samples: NDArray[np.float32], rate: int, container: str, subtype: str | None = None) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=container, subtype=subtype)
    return file.getvalue()
