"""A voice ready to speak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.voices.effects import NEUTRAL, Effects

Style = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """What the acoustic model and the steps after it need to know.

    `style` is a read-only float32 table of shape (510, 256), used like a stock pack; `speed` is the model's
    own speed input; `name` tells what the voice was made of; `warnings` are sentences for the caller.
    """

    style: Style
    speed: float
    name: str
    warnings: tuple[str, ...] = ()
    effects: Effects = NEUTRAL

    def __post_init__(self) -> None:
        self.style.setflags(write=False)

    @property
    def time_scale(self) -> float:
        """The length of the audio after `apply` divided by that before: word times multiply by it."""
        return 1 / self.effects.pace

    def apply(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """The model's mono float32 audio at 24 kHz with the effects; the array itself without any."""
        return self.effects.apply(samples)
