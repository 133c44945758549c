from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.errors import ReferenceRejected
from engine.speaker import Engine
from engine.values import SpeechRequest
from engine.voices import Effects, Voice, coloured
from engine.voices.pitch import profile

CLONED = Voice(np.zeros((510, 256), np.float32), 1.1, "am_onyx+bm_fable", ("rough",), Effects(pitch=1.1))


def test_no_words_leave_the_clone_as_it_is() -> None:
    assert coloured(CLONED, None, None, 1) is CLONED
    assert coloured(CLONED, "", "", 1) is CLONED


def test_manner_colours_the_clone() -> None:
    slow = coloured(CLONED, None, "slow, deep", 1)
    assert slow.speed * slow.effects.pace < CLONED.speed * CLONED.effects.pace
    assert slow.effects.pitch < CLONED.effects.pitch
    assert coloured(CLONED, "whispering", None, 1).effects.whisper == 1
    assert slow.style is CLONED.style
    assert slow.warnings == ("rough",)


def test_who_speaks_is_not_up_to_the_words() -> None:
    voice = coloured(CLONED, "an old zorbly woman", None, 1)
    assert voice.effects == replace(CLONED.effects, seed=1)
    assert voice.warnings == (
        "rough",
        'Not understood in the voice description: "zorbly"',
        "The reference decides who speaks; gender, age and accent were left out",
    )


@pytest.fixture(scope="module")
def engine(models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """On the installed models, with nothing fitted before."""
    folder = tmp_path_factory.mktemp("models")
    for part in models_folder.iterdir():
        if part.name != "fitted":
            (folder / part.name).symlink_to(part)
    return Engine(folder)


def test_a_recording_gives_its_voice_to_the_text(engine: Engine) -> None:
    recorded = engine.speak(
        SpeechRequest(
            text="The boy was there when the sun rose over the smooth blue lake, and hours of work faced us.",
            language="en",
            description="am_onyx",
        )
    )
    request = SpeechRequest(
        text="(zorbly slow) We saw him by the window.",
        language="en",
        reference=recorded.audio,
        inference_timesteps=4,
    )
    speech = engine.speak(request)
    samples, rate = soundfile.read(io.BytesIO(speech.audio), dtype="float32")
    assert profile(samples, rate).median < 110
    assert speech.warnings == ('Not understood in the voice description: "zorbly"',)
    assert engine.speak(request).audio == speech.audio


def test_a_recording_that_cannot_serve_is_refused(engine: Engine) -> None:
    with pytest.raises(ReferenceRejected, match="could not be read as WAV or MP3"):
        engine.speak(SpeechRequest(text="Hello.", language="en", reference=b"not audio at all"))
