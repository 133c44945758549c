from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine import models
from engine.assets import MODEL
from engine.packs import Packs
from engine.voices import Voice

Speak = Callable[[Voice], NDArray[np.float32]]

_PHONEMES = "wi ˈɔfən sˈɔ hɪm baɪ ðə wˈɪndoʊ, ɹˈiːdɪŋ ɐbˌaʊt ʃˈɪps ænd ðə jˈʌŋ kˈɪŋ."


@pytest.fixture(scope="session")
def packs(models_folder: Path) -> Packs:
    return Packs(models_folder)


@pytest.fixture(scope="session")
def speak(models_folder: Path) -> Speak:
    """One sentence in a voice, by the acoustic model itself: mono float32 at 24 kHz."""
    import onnxruntime
    from kokoro_onnx.config import DEFAULT_VOCAB

    session = onnxruntime.InferenceSession(
        models.require(models_folder, MODEL), providers=["CPUExecutionProvider"]
    )
    tokens = [DEFAULT_VOCAB[symbol] for symbol in _PHONEMES if symbol in DEFAULT_VOCAB]

    def speak(voice: Voice) -> NDArray[np.float32]:
        outputs = session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], np.int64),
                "style": voice.style[len(tokens) - 1][None],
                "speed": np.array([voice.speed], np.float32),
            },
        )
        return voice.apply(np.asarray(outputs[0], np.float32).reshape(-1))

    return speak
