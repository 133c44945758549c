"""What a speech backend must do, so that more of them can follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from engine.text.segments import Segment

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.voices import Voice

SAMPLE_RATE = 24_000
"""Every backend renders at this rate, in hertz, so that segments join."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """Mono float32 samples at `SAMPLE_RATE`.

    `spans` places each character of the segment's phonemes as (first, past-last) sample, or is empty where
    the backend does not know.
    """

    samples: NDArray[np.float32]
    spans: tuple[tuple[int, int], ...] = ()


class Backend(Protocol):
    """Renders one segment a call; safe to share between threads."""

    @property
    def name(self) -> str: ...

    def render(self, segment: Segment, code: str, voice: Voice, retry: int) -> Rendered:
        """Speech of `segment` in the language `code`, without the voice's effects.

        The same arguments give the same samples; another `retry` gives others for the same words.
        """
        ...
