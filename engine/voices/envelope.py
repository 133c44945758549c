"""Short-time spectra with their envelopes: the part of a voice that the vocal tract shapes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 24_000
_SIZE, _HOP = 1024, 256
_LIFTER = 48
"""Cepstral coefficients kept for the envelope: shorter than any pitch period (24 kHz / 48 = 500 Hz)."""

_MOST_GAIN = np.log(10 ** (24 / 20))

Spectra = NDArray[np.complex128]
Curve = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frames:
    """Spectra of shape (frames, 513) at 24 kHz."""

    spectra: Spectra

    @property
    def frequencies(self) -> Curve:
        return np.arange(_SIZE // 2 + 1, dtype=np.float64) * (SAMPLE_RATE / _SIZE)

    def scaled(self, gain: Curve) -> Frames:
        return Frames(self.spectra * gain)

    def mixed(self, kept: Curve, other: Spectra, added: Curve) -> Frames:
        return Frames(self.spectra * kept + other * added)

    def envelope_noise(self, random: np.random.Generator) -> Spectra:
        """Noise spectra under this envelope."""
        length = (len(self.spectra) - 1) * _HOP
        noise = frames_of(random.standard_normal(max(1, length)).astype(np.float32)).spectra
        level = np.sqrt(np.mean(np.abs(noise) ** 2))
        shaped: Spectra = noise / level * np.exp(log_envelope(self.spectra) + 0.35)
        return shaped


def frames_of(samples: NDArray[np.float32]) -> Frames:
    padded = np.pad(samples.astype(np.float64), _SIZE // 2)
    padded = np.pad(padded, (0, -(len(padded) - _SIZE) % _HOP))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _SIZE)[::_HOP]
    return Frames(np.fft.rfft(windows * _window(), axis=1))


def samples_of(frames: Frames, length: int) -> NDArray[np.float32]:
    """Overlap-add back to `length` samples."""
    pieces = np.fft.irfft(frames.spectra, _SIZE, axis=1) * _window()
    total = (len(pieces) - 1) * _HOP + _SIZE
    joined, weight = np.zeros(total), np.zeros(total)
    square = _window() ** 2
    for number, piece in enumerate(pieces):
        place = slice(number * _HOP, number * _HOP + _SIZE)
        joined[place] += piece
        weight[place] += square
    start = _SIZE // 2
    return (joined / np.maximum(weight, 1e-3))[start : start + length].astype(np.float32)


def log_envelope(spectra: Spectra) -> Curve:
    """Natural log of the smooth spectral envelope, by the cepstrum's first coefficients."""
    magnitude = np.log(np.abs(spectra) + 1e-7)
    cepstrum = np.fft.irfft(magnitude, axis=1)
    cepstrum[:, _LIFTER:-_LIFTER] = 0
    return np.fft.rfft(cepstrum, axis=1).real


def warped(frames: Frames, ratio: float) -> Frames:
    """Formants moved to `ratio` times their frequency, the harmonics and their phases left in place."""
    if abs(ratio - 1) < 0.005:
        return frames
    envelope = log_envelope(frames.spectra)
    bins = np.arange(envelope.shape[1])
    source = np.minimum(bins / ratio, bins[-1])
    low = np.minimum(source.astype(np.intp), bins[-1] - 1)
    share = source - low
    moved = envelope[:, low] * (1 - share) + envelope[:, low + 1] * share
    return Frames(frames.spectra * np.exp(np.clip(moved - envelope, -_MOST_GAIN, _MOST_GAIN)))


def _window() -> Curve:
    return np.hanning(_SIZE + 1)[:-1]
