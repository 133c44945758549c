"""Reference recordings made for a test, as the bytes of a file."""

from __future__ import annotations

import io

import numpy as np
import soundfile
from numpy.typing import NDArray

Samples = NDArray[np.float32]


def samples(audio: bytes) -> tuple[Samples, int]:
    """Float32, shape (frames,) or (frames, channels), and the sample rate in hertz."""
    data, rate = soundfile.read(io.BytesIO(audio), dtype="float32")
    return data, rate


def encoded(data: Samples, rate: int, *, container: str = "WAV", subtype: str | None = None) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, data, rate, format=container, subtype=subtype)
    return file.getvalue()


def hum(seconds: float, rate: int = 24_000) -> Samples:
    """Something to hear: a low tone that swells four times a second."""
    time = np.arange(int(seconds * rate)) / rate
    tone = 0.3 * np.sin(2 * np.pi * 140 * time) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time))
    return tone.astype(np.float32)


def seconds_of(audio: bytes) -> float:
    data, rate = samples(audio)
    return len(data) / rate


def loudest(audio: bytes) -> float:
    data, _ = samples(audio)
    return float(np.abs(data).max())
