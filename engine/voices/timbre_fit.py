"""Learning a `Timbre`: what of each kind of sound differs between a voice and a recording.

First in closed form, without any encoder: frames of both sides are clustered together after each side's usual
spectrum is taken away, and the difference of the class means is what a class needs. Then a few steps of
gradient descent through the speaker encoder move the gains to where the voice sounds most like the person.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from engine.voices.encoder import FRAMES_A_WINDOW, RATE, Embedding, SpeakerEncoder, resampled
from engine.voices.envelope import SAMPLE_RATE, Curve, frames_of
from engine.voices.timbre import BANDS, Timbre, log_mel, memberships, shape

Samples = NDArray[np.float32]

_KINDS = 8
_CLUSTERINGS = 20
_LOUD = 6.5
"""Natural log of power that a frame may lie under the loud ones and still count as speech (28 dB)."""

_TRUSTED_FRAMES = 15
"""Frames of a class at which half of its difference is believed."""

_ENOUGH = 0.9
"""Likeness of two recordings of one person: there is nothing to gain beyond it."""

_MOST_WINDOWS, _STEP = 8, 120
_CURVE_POINTS = 20
_MOST, _PACE, _STRENGTH, _ROUGHNESS = 2.5, 0.3, 0.002, 0.01


def learned(spoken: Sequence[Samples], recording: Samples, rate: int) -> Timbre:
    """The timbre that turns the `spoken` samples (24 kHz) into those of a recording."""
    ours = np.concatenate([_speech(log_mel(frames_of(samples))) for samples in spoken])
    theirs = _speech(log_mel(frames_of(resampled(recording, rate, SAMPLE_RATE))))
    level, wanted = ours.mean(axis=0), theirs.mean(axis=0)
    shapes, aims = shape(ours - level), shape(theirs - wanted)
    spread = np.concatenate([shapes, aims]).std(axis=0) + 1e-6
    kinds, width = _clustered(np.concatenate([shapes, aims]) / spread)
    here, there = (memberships(side / spread, kinds, width) for side in (shapes, aims))
    differs = _means(there, theirs - wanted) - _means(here, ours - level)
    seen = np.minimum(here.sum(axis=0), there.sum(axis=0))
    trust = (seen / (seen + _TRUSTED_FRAMES))[:, None]
    gains = _level_free(wanted - level) + trust * _level_free(differs)
    return Timbre(_rows(kinds), _row(spread), width, _row(level), _rows(gains))


def refined(
    timbre: Timbre,
    spoken: Sequence[Samples],
    encoder: SpeakerEncoder,
    target: Embedding,
    steps: int,
    stop: Callable[[], None],
) -> Timbre:
    """The timbre after at most `steps` towards the likeness of `target`; `stop` is asked before each."""
    mels, shares = _windows(timbre, spoken, encoder)
    start = torch.tensor(timbre.gains, dtype=torch.float32)
    moves = torch.zeros(len(start) + 1, _CURVE_POINTS, requires_grad=True)
    optimiser = torch.optim.Adam([moves], lr=_PACE)
    aim = torch.from_numpy(target)
    for _ in range(steps):
        stop()
        with torch.enable_grad():
            curves = _curves(moves)
            gains = _MOST * torch.tanh((start + curves) / _MOST)
            louder = mels * torch.exp(shares @ gains)
            views = encoder.views(louder * (mels.sum() / louder.sum()))
            near = torch.nn.functional.normalize(views.mean(dim=0), dim=0) @ aim
            strain = _STRENGTH * curves.square().mean() + _ROUGHNESS * curves.diff(dim=1).square().mean()
            if float(near.detach()) >= _ENOUGH:
                break
            optimiser.zero_grad()
            (1 - near + strain).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            optimiser.step()
    with torch.no_grad():
        return replace(timbre, gains=_rows((start + _curves(moves)).numpy()))


def _curves(moves: torch.Tensor) -> torch.Tensor:
    """A curve over all bands for each class: the common one and its own."""
    smooth = torch.nn.functional.interpolate(moves[None], BANDS, mode="linear", align_corners=True)[0]
    return smooth[:1] + smooth[1:]


def _windows(
    timbre: Timbre, spoken: Sequence[Samples], encoder: SpeakerEncoder
) -> tuple[torch.Tensor, torch.Tensor]:
    """Some windows of the encoder's mel frames and, for each frame, its classes."""
    mels, shares = [], []
    for samples in spoken:
        speech = encoder.speech(samples, SAMPLE_RATE)
        mel = encoder.mel(speech)
        kinds = timbre.kinds_of(log_mel(frames_of(resampled(speech.numpy(), RATE, SAMPLE_RATE))))
        places = np.linspace(0, len(kinds) - 1, len(mel)).round().astype(int)
        kind = torch.from_numpy(kinds[places].astype(np.float32))
        for start in range(0, len(mel) - FRAMES_A_WINDOW + 1, _STEP):
            mels.append(mel[start : start + FRAMES_A_WINDOW])
            shares.append(kind[start : start + FRAMES_A_WINDOW])
    kept = np.unique(np.linspace(0, len(mels) - 1, min(_MOST_WINDOWS, len(mels))).round().astype(int))
    return torch.stack([mels[place] for place in kept]), torch.stack([shares[place] for place in kept])


def _speech(bands: Curve) -> Curve:
    level = np.log(np.exp(bands).sum(axis=1))
    loud: Curve = bands[level > np.percentile(level, 95) - _LOUD]
    return loud


def _clustered(shapes: Curve) -> tuple[Curve, float]:
    """Centres of k-means, always the same for the same frames, and the usual squared distance to them."""
    random = np.random.default_rng(0)
    kinds = shapes[random.choice(len(shapes), _KINDS, replace=len(shapes) < _KINDS)]
    for _ in range(_CLUSTERINGS):
        nearest = _distances(shapes, kinds).argmin(axis=1)
        kinds = np.stack(
            [
                shapes[nearest == kind].mean(axis=0) if (nearest == kind).any() else kinds[kind]
                for kind in range(_KINDS)
            ]
        )
    return kinds, float(np.median(_distances(shapes, kinds).min(axis=1))) + 1e-6


def _distances(shapes: Curve, kinds: Curve) -> Curve:
    distances: Curve = ((shapes[:, None] - kinds[None]) ** 2).sum(axis=2)
    return distances


def _means(shares: Curve, bands: Curve) -> Curve:
    means: Curve = shares.T @ bands / (shares.sum(axis=0)[:, None] + 1e-9)
    return means


def _level_free(curves: Curve) -> Curve:
    free: Curve = curves - curves.mean(axis=-1, keepdims=True)
    return free


def _row(values: Curve) -> tuple[float, ...]:
    return tuple(round(float(value), 4) for value in values)


def _rows(values: Curve) -> tuple[tuple[float, ...], ...]:
    return tuple(_row(row) for row in values)
