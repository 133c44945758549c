from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.assets import ENCODER
from engine.models import require
from engine.packs import Packs
from engine.voices import Voice
from engine.voices.encoder import SpeakerEncoder
from engine.voices.fit import Say
from engine.voices.measure import speaker_of

Speak = Callable[[Voice], NDArray[np.float32]]

PHONEMES = "wi ˈɔfən sˈɔ hɪm baɪ ðə wˈɪndoʊ, ɹˈiːdɪŋ ɐbˌaʊt ʃˈɪps ænd ðə jˈʌŋ kˈɪŋ."


@pytest.fixture(scope="session")
def packs(models_folder: Path) -> Packs:
    return Packs(models_folder)


@pytest.fixture(scope="session")
def encoder(models_folder: Path) -> SpeakerEncoder:
    return SpeakerEncoder(require(models_folder, ENCODER))


@pytest.fixture(scope="session")
def say(models_folder: Path) -> Say:
    """The acoustic model itself."""
    return speaker_of(models_folder)


@pytest.fixture(scope="session")
def speak(say: Say) -> Speak:
    """One sentence in a voice: mono float32 at 24 kHz."""
    return lambda voice: voice.apply(say(PHONEMES, voice.style, voice.speed))
