"""A cloned voice asked to speak in some way: what the words say of the manner, not of the speaker."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.voices.describe import describe
from engine.voices.performance import PACE_STEP
from engine.voices.traits import Traits
from engine.voices.voice import Voice

_PITCH_STEP = 2 ** (2 / 12)
_SLOWEST, _FASTEST = 0.5, 2.0


def coloured(voice: Voice, description: str | None, cue: str | None, seed: int) -> Voice:
    """`voice` spoken as `description` and `cue` ask; who speaks stays as cloned, which a warning tells."""
    traits = describe(description, cue)
    if not (traits.heard or traits.unknown or traits.unserved):
        return voice
    scales, effects = traits.scales, voice.effects
    pitch = round(float(np.clip(effects.pitch * _PITCH_STEP**scales.pitch, 0.7, 1.45)), 2)
    moved = replace(
        effects,
        pitch=pitch,
        tilt=effects.tilt + round(-1.5 * scales.warmth + 1.0 * scales.energy, 2),
        breath=min(1.0, 0.45 * scales.breath),
        whisper=min(1.0, scales.whisper),
        tremor=min(1.0, 0.6 * scales.tremor),
        rough=min(1.0, 0.4 * scales.rough),
        seed=seed & 0x7FFFFFFF,
    )
    speed = voice.speed * effects.pace * PACE_STEP**scales.pace / moved.pace
    return replace(
        voice,
        speed=float(np.clip(speed, _SLOWEST, _FASTEST)),
        effects=moved,
        warnings=(*voice.warnings, *_warnings(traits)),
    )


def _warnings(traits: Traits) -> tuple[str, ...]:
    if traits.gender or traits.age or traits.accent:
        return (
            *traits.not_followed,
            "The reference decides who speaks; gender, age and accent were left out",
        )
    return traits.not_followed
