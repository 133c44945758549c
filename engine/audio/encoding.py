"""Samples as a whole file: WAV (PCM 16), FLAC, MP3 or Ogg Opus, byte for byte the same each time."""

from __future__ import annotations

import io
import zlib
from itertools import pairwise

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.audio.labels import Labels, labelled
from engine.audio.ogg import steady
from engine.values import AudioFormat

PEAKS = 200

_CONTAINERS = {
    AudioFormat.WAV: ("WAV", "PCM_16"),
    AudioFormat.FLAC: ("FLAC", "PCM_16"),
    AudioFormat.MP3: ("MP3", "MPEG_LAYER_III"),
    AudioFormat.OPUS: ("OGG", "OPUS"),
}


def encode(
    samples: NDArray[np.float32], rate: int, format: AudioFormat, labels: Labels | None = None
) -> bytes:
    """A mono file of `format` that says what it is. For Ogg Opus, `rate` must be one Opus knows (8, 12, 16,
    24 or 48 kHz)."""
    container, subtype = _CONTAINERS[format]
    file = io.BytesIO()
    soundfile.write(file, np.clip(samples, -1.0, 1.0), rate, format=container, subtype=subtype)
    data = labelled(file.getvalue(), format, labels or Labels(), len(samples) / rate)
    return steady(data, zlib.crc32(samples.tobytes())) if format is AudioFormat.OPUS else data


def peaks(samples: NDArray[np.float32]) -> tuple[float, ...]:
    """`PEAKS` loudest absolute values, evenly spread over the audio, for drawing."""
    edges = np.linspace(0, len(samples), PEAKS + 1).astype(int)
    loud = np.abs(samples)
    return tuple(
        round(min(1.0, float(loud[first : max(last, first + 1)].max(initial=0.0))), 4)
        for first, last in pairwise(edges)
    )
