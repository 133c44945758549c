"""From a recording to a voice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.assets import ENCODER
from engine.errors import Cancelled
from engine.models import require
from engine.voices.candidates import plausible
from engine.voices.effects import Effects, Samples
from engine.voices.fit import Fit, Say
from engine.voices.pitch import profile
from engine.voices.shelf import Shelf
from engine.voices.speakers import more_than_one
from engine.voices.stock import stock_voices
from engine.voices.tempo import syllable_rate
from engine.voices.voice import Style, Voice

if TYPE_CHECKING:
    from engine.voices.encoder import SpeakerEncoder

VERSION = 5
"""Goes up whenever the same recording would be fitted differently."""

_LOCK_IN = ((0.5, 0.2), (1.0, 0.5), (2.0, 1.0), (3.5, 1.1), (5.0, 1.2))
"""How far from the nearest stock voice (0) to the fitted one (1) each `cfg_value` goes. Only the colour goes
on from there."""

_ROUGH_LIKENESS = 0.62

_FITTING = Lock()
_LOOK_SECONDS = 0.1


def clone(
    samples: Samples,
    sample_rate: int,
    *,
    cfg_value: float,
    timesteps: int,
    language: str,
    packs: Mapping[str, Style],
    models: Path,
    say: Say,
    cancelled: Callable[[], bool] | None = None,
) -> Voice:
    """The voice of a recording that `engine.reference.read` let through.

    `cfg_value` (0.5 to 5) goes from the nearest stock voice, which is the most natural, to the closest fit;
    `timesteps` (4 to 20) buys a closer fit with time, three for every sentence tried on the way. The fit is
    kept under `models`/fitted, so the same recording is fitted once. Raises `ModelMissing` without the
    speaker encoder and `Cancelled` when `cancelled()` says stop. The fit does not depend on `language`.
    """
    installed = frozenset(packs) & stock_voices().keys()
    shelf = Shelf(models / "fitted")
    key = _key(samples, sample_rate, timesteps, installed)
    fit = shelf.find(key)
    if fit is None:
        with _alone(_stopping(cancelled)):
            fit = shelf.find(key)
            if fit is None:
                fit = _fit(samples, sample_rate, timesteps, packs, installed, models, say, cancelled)
                shelf.keep(key, fit)
    return _voice(fit, _lock_in_of(cfg_value), packs)


@contextmanager
def _alone(stop: Callable[[], None]) -> Iterator[None]:
    """A fit fills the machine by itself, and the same recording sent twice is fitted once."""
    while not _FITTING.acquire(timeout=_LOOK_SECONDS):
        stop()
    try:
        yield
    finally:
        _FITTING.release()


def _stopping(cancelled: Callable[[], bool] | None) -> Callable[[], None]:
    def stop() -> None:
        if cancelled is not None and cancelled():
            raise Cancelled("The generation was cancelled.")

    return stop


def _fit(
    samples: Samples,
    sample_rate: int,
    timesteps: int,
    packs: Mapping[str, Style],
    installed: frozenset[str],
    folder: Path,
    say: Say,
    cancelled: Callable[[], bool] | None,
) -> Fit:
    from engine.voices.encoder import one_core, unit
    from engine.voices.fitting import SLOWED, Fitting, Target

    encoder = _encoder(folder)
    with one_core():
        windows = encoder.windows(samples, sample_rate)
        target = Target(
            unit(windows.mean(axis=0)),
            encoder.embed(samples, round(sample_rate * SLOWED)),
            profile(samples, sample_rate),
            syllable_rate(samples, sample_rate),
        )
        trusted = plausible(installed, target.pitch.median)
        fitting = Fitting(
            target, encoder, say, lambda shares: mixed(shares, packs), trusted, _stopping(cancelled)
        )
        fit = fitting.run(samples, sample_rate, timesteps)
    return replace(fit, warnings=_warnings(fit, windows))


def _voice(fit: Fit, lock_in: float, packs: Mapping[str, Style]) -> Voice:
    """On the way from the nearest stock voice among those of the fit to the fit, and beyond it in colour."""
    share = min(lock_in, 1.0)
    anchor = max(fit.shares, key=lambda name: fit.shares[name])
    shares = {name: share * part for name, part in fit.shares.items()}
    shares[anchor] += 1 - share
    effects = Effects(
        pitch=round(fit.effects.pitch**share, 2),
        formant=round(fit.effects.formant**share, 3),
        tilt=round(fit.effects.tilt * share, 2),
        timbre=fit.effects.timbre.scaled(lock_in) if fit.effects.timbre else None,
    )
    return Voice(
        style=mixed(shares, packs),
        speed=fit.tempo**share / effects.pace,
        name="+".join(sorted(shares, key=lambda name: -shares[name])),
        warnings=fit.warnings,
        effects=effects,
    )


def mixed(shares: Mapping[str, float], packs: Mapping[str, Style]) -> Style:
    """The weighted sum of style tables."""
    total = np.zeros_like(next(iter(packs.values())))
    for name in sorted(shares):
        total = total + np.float32(shares[name]) * packs[name]
    return total


def _lock_in_of(cfg_value: float) -> float:
    values, shares = zip(*_LOCK_IN, strict=True)
    return float(np.interp(cfg_value, values, shares))


def _warnings(fit: Fit, windows: NDArray[np.float32]) -> tuple[str, ...]:
    warnings = []
    if more_than_one(windows):
        warnings.append("The reference seems to hold more than one voice, or music; record one person alone")
    if fit.likeness < _ROUGH_LIKENESS:
        warnings.append("The clone is only roughly like the recording; the voices here do not reach nearer")
    return tuple(warnings)


def _key(samples: Samples, sample_rate: int, timesteps: int, installed: frozenset[str]) -> str:
    digest = hashlib.sha256(np.ascontiguousarray(samples, np.float32).tobytes())
    digest.update(f"{VERSION} {sample_rate} {timesteps} {' '.join(sorted(installed))}".encode())
    return digest.hexdigest()


@cache
def _encoder(folder: Path) -> SpeakerEncoder:
    from engine.voices.encoder import SpeakerEncoder

    return SpeakerEncoder(require(folder, ENCODER))
