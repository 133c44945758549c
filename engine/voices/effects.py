"""What the acoustic model cannot say: vocal-tract length, breath, whisper, tremor, roughness.

Pitch moves by resampling, which adds no artefact at all; it moves the formants and the pace along, so the
caller asks the model for the opposite pace (`Effects.pace`) and `formant` puts the envelope where it belongs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.voices.envelope import Frames, frames_of, samples_of, warped
from engine.voices.timbre import Timbre

Samples = NDArray[np.float32]

SAMPLE_RATE = 24_000
_STEP = 0.01
_LOUDEST = 0.97


@dataclass(frozen=True, slots=True)
class Effects:
    """Post-processing of one voice; the default values change nothing.

    `pitch` multiplies the pitch (0.6 to 1.7) and divides the length; `formant` multiplies the formants where
    they stood before (child about 1.18, large body about 0.92); `tilt` is decibels of treble against bass
    (negative is warm); `whisper`, `breath`, `tremor` and `rough` run from 0 to 1. `seed` fixes the noise.
    `timbre` is a cloned person's colour of voice.
    """

    pitch: float = 1.0
    formant: float = 1.0
    tilt: float = 0.0
    breath: float = 0.0
    whisper: float = 0.0
    tremor: float = 0.0
    rough: float = 0.0
    seed: int = 0
    timbre: Timbre | None = None

    @property
    def neutral(self) -> bool:
        return self == Effects(seed=self.seed)

    @property
    def pace(self) -> float:
        """How much faster `apply` makes the audio: word times divide by it."""
        return _rounded(self.pitch)

    def apply(self, samples: Samples) -> Samples:
        """Mono float32 at 24 kHz, as loud as before; pure, and the same for the same samples."""
        if self.neutral or len(samples) == 0:
            return samples
        level = _level(samples)
        moved = _resampled(samples, self.pace)
        if level == 0:
            return moved
        if self.tremor > 0:
            moved = _trembling(moved, self.tremor)
        if self.rough > 0:
            moved = _roughened(moved, self.rough, np.random.default_rng([self.seed, 1]))
        frames = warped(frames_of(moved), self.formant / self.pace)
        frames = _tilted(frames, self.tilt)
        if self.timbre is not None:
            frames = self.timbre.colour(frames)
        if self.breath > 0 or self.whisper > 0:
            frames = _aspirated(frames, self.breath, self.whisper, np.random.default_rng([self.seed, 2]))
        return _at_level(samples_of(frames, len(moved)), level)


NEUTRAL = Effects()


def _rounded(ratio: float) -> float:
    """Whole percents keep the resampler's filter short."""
    return round(ratio / _STEP) * _STEP


def _resampled(samples: Samples, ratio: float) -> Samples:
    if abs(ratio - 1) < _STEP / 2:
        return samples
    from scipy.signal import resample_poly

    moved: Samples = resample_poly(samples, 100, round(100 * ratio)).astype(np.float32)
    return moved


def _trembling(samples: Samples, depth: float) -> Samples:
    """An unsteady larynx: pitch and loudness waver at two slow rates, by at most 1.5 % and 20 %."""
    seconds = np.arange(len(samples)) / SAMPLE_RATE
    wave = 0.7 * np.sin(2 * np.pi * 5.3 * seconds) + 0.3 * np.sin(2 * np.pi * 3.1 * seconds + 1.0)
    reach = 0.015 * depth / (2 * np.pi * 5.3)
    moved = np.interp(seconds + reach * wave, seconds, samples)
    shaken: Samples = (moved * (1 + 0.2 * depth * wave)).astype(np.float32)
    return shaken


def _roughened(samples: Samples, depth: float, random: np.random.Generator) -> Samples:
    """Irregular closing of the vocal folds: loudness flutters at 35 to 90 Hz."""
    from scipy.ndimage import gaussian_filter1d

    noise = gaussian_filter1d(random.standard_normal(len(samples)), SAMPLE_RATE / 420)
    flutter = noise / (noise.std() + 1e-9)
    rough: Samples = (samples * np.clip(1 + 0.32 * depth * flutter, 0.1, 1.9)).astype(np.float32)
    return rough


def _tilted(frames: Frames, decibels: float) -> Frames:
    """A straight line over the octaves from 300 Hz to 4.8 kHz, flat outside."""
    if decibels == 0:
        return frames
    octaves = np.log2(np.maximum(frames.frequencies, 1.0) / 1200).clip(-2, 2)
    return frames.scaled(10 ** (decibels * octaves / 4 / 20))


def _aspirated(frames: Frames, breath: float, whisper: float, random: np.random.Generator) -> Frames:
    """Noise with the voice's own envelope: above 2 kHz for breath, everywhere for a whisper."""
    noise = frames.envelope_noise(random)
    high = 1 / (1 + np.exp(-(frames.frequencies - 2200) / 350))
    quiet_bass = 1 / (1 + (450 / np.maximum(frames.frequencies, 1)) ** 2)
    hiss = np.maximum(1.6 * breath * high, whisper * quiet_bass)
    kept = (1 - whisper) ** 0.7 * (1 - 0.35 * breath * high)
    return frames.mixed(kept, noise, hiss)


def _level(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


def _at_level(samples: Samples, level: float) -> Samples:
    gain = level / (_level(samples) + 1e-9)
    peak = float(np.abs(samples).max()) * gain
    louder: Samples = (samples * (gain * min(1.0, _LOUDEST / peak) if peak > 0 else 1.0)).astype(np.float32)
    return louder
