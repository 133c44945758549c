from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.assets import ENCODER
from engine.backends.kokoro import Kokoro
from engine.models import require
from engine.packs import Packs
from engine.voices import Voice
from engine.voices.fit import Say

if TYPE_CHECKING:
    from engine.voices.encoder import SpeakerEncoder

Samples = NDArray[np.float32]
Speak = Callable[[Voice], Samples]

PHONEMES = "wi ˈɔfən sˈɔ hɪm baɪ ðə wˈɪndoʊ."


@pytest.fixture(scope="session")
def packs(models_folder: Path) -> Packs:
    return Packs(models_folder)


@pytest.fixture(scope="session")
def encoder(models_folder: Path) -> Iterator[SpeakerEncoder]:
    # PyTorch with it, which only one process of a parallel run needs.
    from engine.voices.encoder import SpeakerEncoder, one_core

    with one_core():
        yield SpeakerEncoder(require(models_folder, ENCODER))


@pytest.fixture(scope="session")
def say(models_folder: Path) -> Say:
    """The acoustic model itself, which says the same only once."""
    kokoro = Kokoro(models_folder, threads=1)
    said: dict[tuple[str, bytes, float], Samples] = {}

    def say(phonemes: str, style: Samples, speed: float) -> Samples:
        asked = (phonemes, sha256(style.tobytes()).digest(), speed)
        if asked not in said:
            said[asked] = kokoro.say(phonemes, style, speed)
        return said[asked].copy()

    return say


@pytest.fixture(scope="session")
def speak(say: Say) -> Speak:
    """One sentence in a voice: mono float32 at 24 kHz."""
    return lambda voice: voice.apply(say(PHONEMES, voice.style, voice.speed))
