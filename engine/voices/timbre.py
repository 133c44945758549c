"""A person's colour of voice: an equaliser that follows which kind of sound is being said.

Frames of speech fall into a few classes by the shape of their spectrum (open vowels, hisses, nasals ...).
Each class has its own curve of gains, and a frame takes the mixture of curves that its shape asks for. One
curve for all sounds would copy the room and the microphone; curves for classes copy the vocal tract as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.voices.envelope import SAMPLE_RATE, Curve, Frames

BANDS, SHAPE = 40, 14
"""Mel bands up to 8 kHz, and cosine coefficients of them that tell a frame's kind of sound."""

_TOP = 8000.0
_LOUDEST = 95
_SHARPNESS = 2.0
_MOST = 3.0
"""Natural log of the largest gain of power: 13 dB."""

_FLOOR = 1e-9

Row = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Timbre:
    """`kinds` are the centres of the classes, in `SHAPE` coefficients divided by `spread`, `width` the usual
    squared distance to them; `level` is the usual spectrum of the speech it was learned on; `gains` are
    natural logs of power, a row of `BANDS` per class.
    """

    kinds: tuple[Row, ...]
    spread: Row
    width: float
    level: Row
    gains: tuple[Row, ...]

    def scaled(self, share: float) -> Timbre:
        """The same colour at a share of its strength."""
        gains = tuple(tuple(round(share * gain, 4) for gain in row) for row in self.gains)
        return Timbre(self.kinds, self.spread, self.width, self.level, gains)

    def colour(self, frames: Frames) -> Frames:
        from scipy.ndimage import gaussian_filter1d

        gains = self.kinds_of(log_mel(frames)) @ np.array(self.gains)
        gains = gaussian_filter1d(gaussian_filter1d(gains, 1.0, axis=0), 1.0, axis=1)
        gains = _MOST * np.tanh(gains / _MOST)
        low, share = _places(tuple(frames.frequencies))
        fine = gains[:, low] * (1 - share) + gains[:, low + 1] * share
        return frames.scaled(np.exp(0.5 * fine))

    def kinds_of(self, bands: Curve) -> Curve:
        """How much of each class every frame of log mel bands is; rows add up to 1."""
        return memberships(
            shape(bands - np.array(self.level)) / np.array(self.spread), self.kinds, self.width
        )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Timbre:
        """From what `dataclasses.asdict` made, also after a trip through JSON."""
        return cls(
            tuple(tuple(map(float, kind)) for kind in row["kinds"]),
            tuple(map(float, row["spread"])),
            float(row["width"]),
            tuple(map(float, row["level"])),
            tuple(tuple(map(float, gains)) for gains in row["gains"]),
        )


def log_mel(frames: Frames) -> Curve:
    """Natural log of power in `BANDS` bands, 0 being the level of the loud frames; shape (frames, BANDS)."""
    power = np.abs(frames.spectra) ** 2 @ _bank()
    loud = float(np.percentile(power.sum(axis=1), _LOUDEST))
    bands: Curve = np.log(power / (loud + 1e-12) + _FLOOR)
    return bands


def shape(bands: Curve) -> Curve:
    from scipy.fft import dct

    coefficients: Curve = dct(bands, axis=1, norm="ortho")[:, :SHAPE]
    return coefficients


def memberships(shapes: Curve, kinds: Any, width: float) -> Curve:
    """Soft nearness of frames (rows) to the centres of classes."""
    distance = ((shapes[:, None] - np.array(kinds)[None]) ** 2).sum(axis=2) / width
    near = np.exp(-_SHARPNESS * (distance - distance.min(axis=1, keepdims=True)))
    shares: Curve = near / near.sum(axis=1, keepdims=True)
    return shares


@cache
def _bank() -> NDArray[np.float64]:
    from torchaudio.functional import melscale_fbanks

    bank = melscale_fbanks(513, 0, _TOP, BANDS, SAMPLE_RATE, norm=None, mel_scale="slaney")
    return np.asarray(bank.numpy(), dtype=np.float64)


@cache
def _places(frequencies: Row) -> tuple[NDArray[np.intp], Curve]:
    """For each frequency the band below it and how far it lies towards the next."""
    bank, bins = _bank(), np.array(frequencies)
    centres = bins[bank.argmax(axis=0)]
    place = np.interp(bins, centres, np.arange(BANDS))
    low = np.minimum(place.astype(np.intp), BANDS - 2)
    return low, place - low
