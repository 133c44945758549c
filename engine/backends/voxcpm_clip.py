"""Recordings as VoxCPM2 takes them: 16 kHz, mono, 16-bit WAV, with soft edges."""

from __future__ import annotations

import io
from math import gcd

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE = 16_000
MOST_SECONDS = 30
_FADE_SECONDS = 0.005


def clip(samples: NDArray[np.float32], rate: int) -> bytes:
    """The WAV bytes of the first 30 seconds. `samples` are mono float32 at `rate` hertz.

    The model goes on from the clip's end, so a click there would be heard again: both ends are faded.
    """
    from scipy.signal import resample_poly

    kept = samples[: MOST_SECONDS * rate]
    common = gcd(rate, RATE)
    if rate != RATE:
        kept = resample_poly(kept, RATE // common, rate // common)
    kept = np.array(kept[: MOST_SECONDS * RATE], dtype=np.float32)
    ramp = np.linspace(0.0, 1.0, min(round(_FADE_SECONDS * RATE), len(kept)), dtype=np.float32)
    kept[: len(ramp)] *= ramp
    kept[len(kept) - len(ramp) :] *= ramp[::-1]
    file = io.BytesIO()
    soundfile.write(file, np.clip(kept, -1.0, 1.0), RATE, format="WAV", subtype="PCM_16")
    return file.getvalue()
