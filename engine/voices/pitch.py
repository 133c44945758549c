"""A small pitch tracker: autocorrelation over 40 ms windows every 10 ms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

_WINDOW, _HOP = 0.04, 0.01
_LOWEST, _HIGHEST = 60.0, 420.0
_VOICED = 0.55
_AUDIBLE = 0.05
"""A frame counts as sound from this share of the loud frames' level on."""

_OCTAVE_COST = 0.02
"""Taken from a candidate per octave below the highest: of two equal peaks the shorter period is the pitch."""


@dataclass(frozen=True, slots=True)
class PitchProfile:
    """`median` in hertz (0 when nothing is voiced), `spread` the standard deviation in semitones,
    `voiced` the share of audible frames that are voiced."""

    median: float
    spread: float
    voiced: float


def profile(samples: Samples, rate: int) -> PitchProfile:
    """Median pitch, its spread and the voiced share of mono samples at `rate` hertz."""
    track, audible = pitch_track(samples, rate)
    voiced = track[track > 0]
    share = len(voiced) / max(1, int(audible.sum()))
    if len(voiced) < 5:
        return PitchProfile(0.0, 0.0, float(share))
    median = float(np.median(voiced))
    semitones = 12 * np.log2(voiced / median)
    near = semitones[np.abs(semitones) < 9]
    return PitchProfile(median, float(near.std()), float(share))


def pitch_track(samples: Samples, rate: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Pitch in hertz for every 10 ms (0 where unvoiced), and which of these frames are audible."""
    frames = _frames(samples, rate)
    if len(frames) == 0:
        return np.zeros(0), np.zeros(0, bool)
    level = frames.std(axis=1)
    audible = level > _AUDIBLE * np.percentile(level, 95) + 1e-7
    shortest, longest = int(rate / _HIGHEST), int(rate / _LOWEST)
    likeness = _autocorrelation(frames, longest + 2)
    band = likeness[:, shortest : longest + 1]
    lags = np.arange(shortest, longest + 1)
    peak = (band >= likeness[:, shortest - 1 : longest]) & (band >= likeness[:, shortest + 1 : longest + 2])
    score = np.where(peak, band - _OCTAVE_COST * np.log2(lags / shortest), -1.0)
    best = score.argmax(axis=1)
    rows = np.arange(len(frames))
    voiced = audible & (band[rows, best] > _VOICED) & peak[rows, best]
    return np.where(voiced, rate / _refined(likeness, lags[best]), 0.0), audible


def _frames(samples: Samples, rate: int) -> NDArray[np.float64]:
    size, hop = int(_WINDOW * rate), int(_HOP * rate)
    if len(samples) < size:
        return np.zeros((0, size))
    windows = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop]
    frames: NDArray[np.float64] = windows.astype(np.float64)
    frames -= frames.mean(axis=1, keepdims=True)
    return frames


def _autocorrelation(frames: NDArray[np.float64], lags: int) -> NDArray[np.float64]:
    """Normalised autocorrelation up to `lags`, with the window's own taken out."""
    size = frames.shape[1]
    length = 1 << (2 * size - 1).bit_length()
    window = np.hanning(size)
    spectrum = np.abs(np.fft.rfft(frames * window, length)) ** 2
    own = np.fft.irfft(np.abs(np.fft.rfft(window, length)) ** 2, length)[:lags]
    raw = np.fft.irfft(spectrum, length)[:, :lags]
    ratio: NDArray[np.float64] = raw / (raw[:, :1] + 1e-12) / (own / own[0])
    return ratio


def _refined(likeness: NDArray[np.float64], lag: NDArray[np.int64]) -> NDArray[np.float64]:
    """The peak of the parabola through three neighbours, in samples."""
    rows = np.arange(len(lag))
    left, middle, right = (likeness[rows, lag + step] for step in (-1, 0, 1))
    bend = left - 2 * middle + right
    shift = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, 1.0), 0.0)
    refined: NDArray[np.float64] = lag + np.clip(shift, -0.5, 0.5)
    return refined
