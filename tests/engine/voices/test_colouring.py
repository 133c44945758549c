from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.errors import ReferenceRejected
from engine.speaker import Engine
from engine.values import SpeechRequest
from engine.voices import Effects, Voice, coloured

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


def test_a_recording_that_cannot_serve_is_refused(engine: Engine) -> None:
    with pytest.raises(ReferenceRejected, match="could not be read as WAV or MP3"):
        engine.speak(SpeechRequest(text="Hello.", language="en", reference=b"not audio at all"))
