from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine import Engine
from engine.audio.guard import defect
from engine.values import SpeechRequest
from tests.engine.listening import samples_of

RATE = 24_000


@pytest.fixture(scope="module")
def speech(engine: Engine) -> NDArray[np.float32]:
    return samples_of(engine.speak(SpeechRequest(text="The parcel arrives on Friday.", language="en")))


def test_ordinary_speech_passes(speech: NDArray[np.float32]) -> None:
    assert defect(speech, RATE, 25) is None


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_broken_samples_are_refused(speech: NDArray[np.float32], bad: float) -> None:
    broken = speech.copy()
    broken[1000] = bad
    assert defect(broken, RATE, 25) == "the audio is broken"
    assert defect(speech[:0], RATE, 25) == "the audio is broken"


def test_silence_is_refused(speech: NDArray[np.float32]) -> None:
    assert defect(speech * np.float32(1e-4), RATE, 25) == "the audio is silent"


def test_audio_far_longer_than_its_text_is_refused(speech: NDArray[np.float32]) -> None:
    assert defect(speech, RATE, 2, speed=1.0) is None
    assert defect(np.tile(speech, 10), RATE, 25) == "the audio runs on far beyond its text"


def test_audio_that_repeats_itself_is_refused(speech: NDArray[np.float32]) -> None:
    stretch = speech[12_000:26_400]
    looping = np.concatenate([speech[:26_400], np.tile(stretch, 8)])
    assert defect(looping, RATE, 25) == "the audio repeats itself"
