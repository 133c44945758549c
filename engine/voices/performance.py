"""How it is spoken: the model's speed, and the effects that bring pitch, age and manner where they belong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.voices.casting import Cast, target_pitch
from engine.voices.effects import Effects
from engine.voices.traits import Traits

_USUAL_PACE = 20.3
"""Phonemes a second of the median stock voice at speed 1."""

PACE_STEP = 2**0.3
_SLOWEST, _FASTEST = 0.55, 1.7
_AGE_PACE = {"child": 1.0, "young": 1.04, "middle": 1.0, "elderly": 0.9}
_AGE_FORMANTS = {"child": 1.17, "young": 1.11, "middle": 1.0, "elderly": 0.9}
_FORMANTS_WITH_PITCH = 0.35
"""Large bodies have low voices and low formants: this share of a wished pitch step goes to the formants."""


@dataclass(frozen=True, slots=True)
class Performance:
    speed: float
    effects: Effects


def perform(traits: Traits, chosen: Cast, seed: int, *, free: bool) -> Performance:
    """`free` lets the pitch be brought to the traits' target; a voice asked for by name keeps its own,
    moved only by what the words say."""
    scales = traits.scales
    wished = target_pitch(traits, chosen.gender) if traits.heard else chosen.target_pitch
    usual = target_pitch(Traits(), chosen.gender)
    if free and len(chosen.sound) > 1:
        pitch = wished / chosen.melody_mean("pitch")
    else:
        pitch = wished / usual if traits.heard else 1.0
    pitch = float(np.clip(pitch, 0.7, 1.5))
    formant = _AGE_FORMANTS.get(traits.age or "", 1.0) * 2 ** (
        _FORMANTS_WITH_PITCH * scales.pitch * 3.2 / 12 * 0.5
    )
    effects = Effects(
        pitch=round(pitch, 2),
        formant=round(float(np.clip(formant, 0.85, 1.25)), 3),
        tilt=round(-2.5 * scales.warmth + 1.5 * scales.energy, 2),
        breath=min(1.0, 0.55 * scales.breath),
        whisper=min(1.0, scales.whisper),
        tremor=min(1.0, 0.7 * scales.tremor + (0.45 if traits.age == "elderly" else 0.0)),
        rough=min(1.0, 0.6 * scales.rough + (0.25 if traits.age == "elderly" else 0.0)),
        seed=seed & 0x7FFFFFFF,
    )
    pace = PACE_STEP**scales.pace * _AGE_PACE.get(traits.age or "", 1.0)
    if len(chosen.sound) > 1:
        pace *= _USUAL_PACE / chosen.melody_mean("pace")
    return Performance(float(np.clip(pace, _SLOWEST, _FASTEST)) / effects.pace, effects)
