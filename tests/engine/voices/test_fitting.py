"""What comes after the colour is learned: formants and pitch are put where they belong under it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from engine.voices import Effects, design
from engine.voices.pitch import profile
from engine.voices.timbre import BANDS, SHAPE, Timbre
from tests.engine.voices.conftest import Samples, Speak

if TYPE_CHECKING:
    from engine.packs import Packs
    from engine.voices.encoder import SpeakerEncoder

NO_COLOUR = Timbre(((0.0,) * SHAPE,), (1.0,) * SHAPE, 1.0, (0.0,) * BANDS, ((0.0,) * BANDS,))


@pytest.fixture(scope="module")
def person(speak: Speak, packs: Packs) -> Samples:
    return speak(design("a deep old man", None, "en", 0, packs))


@pytest.mark.parametrize("off", [Effects(formant=1.06), Effects(formant=0.95), Effects(pitch=1.05)])
def test_formants_and_pitch_that_are_off_are_brought_back(
    off: Effects, person: Samples, encoder: SpeakerEncoder
) -> None:
    from engine.voices.fitting import SLOWED, Target, settled

    target = Target(
        encoder.embed(person, 24_000),
        encoder.embed(person, round(24_000 * SLOWED)),
        profile(person, 24_000),
        0,
    )
    asked: list[None] = []
    said = off.apply(person)
    found = settled(Effects(timbre=NO_COLOUR), said, encoder, target, lambda: asked.append(None))
    left = found.formant * off.formant, found.pitch * off.pitch
    assert left == pytest.approx((1, 1), abs=0.025)
    assert found.timbre == NO_COLOUR
    assert asked
    assert replace(found, formant=1.0, pitch=1.0, timbre=None) == Effects()
    assert np.isfinite(found.apply(said)).all()
