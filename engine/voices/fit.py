"""What a fit takes and gives. Kept apart from the fitting, which loads heavy libraries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.voices.effects import Effects, Samples
from engine.voices.voice import Style

Say = Callable[[str, Style, float], Samples]
"""Speak phonemes with a style table at a speed: mono float32 at 24 kHz, without effects."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The voice that came nearest, how near (its likeness over the calibration sentences), and how much
    faster than the model the recorded person talks."""

    shares: Mapping[str, float]
    effects: Effects
    likeness: float
    tempo: float = 1.0
    warnings: tuple[str, ...] = ()
