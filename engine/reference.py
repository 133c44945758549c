"""The gate for reference recordings: what may be cloned, and the plain reason when it may not.

Light on purpose (libsndfile and numpy only): the web process asks `inspect` before it accepts a job, the
worker asks `read` for the samples. Both read block by block and keep the first 30 seconds at most, so that
neither a long file nor a header that claims hours costs more than a moment and a few megabytes.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.errors import ReferenceRejected

MAX_BYTES = 10 * 1024 * 1024
MIN_SECONDS = 5
MIN_SAMPLE_RATE = 16_000
KEPT_SECONDS = 30
"""A speaker is measured on this much; what follows is not decoded."""

Samples = NDArray[np.float32]

_MAX_SAMPLE_RATE = 384_000
_MAX_CHANNELS = 8
_BLOCK_VALUES = 1 << 18
_CONTAINERS = frozenset({"WAV", "WAVEX", "RF64", "W64", "AIFF", "MP3", "MPEG", "FLAC", "OGG", "CAF"})
_LOUDEST_VALUE = 1e4
"""Float files may exceed full scale a little; beyond this they are not sound."""

_AUDIBLE = 10 ** (-55 / 20)
_MIN_AUDIBLE_SECONDS = 1.0
_CLIPPED_SHARE = 0.001
_NOISY_DECIBELS = 12.0

_UNREADABLE = "Reference audio could not be read as WAV or MP3"
_TOO_SHORT = f"Reference audio must be at least {MIN_SECONDS} seconds"


@dataclass(frozen=True, slots=True)
class ReferenceInfo:
    """What a recording holds. `duration_seconds` is what the file states once 30 seconds have been read.

    `warnings` name what will hurt the clone although it does not forbid it, each with its mend.
    """

    duration_seconds: float
    sample_rate: int
    channels: int
    warnings: tuple[str, ...] = ()


def inspect(data: bytes) -> ReferenceInfo:
    """Check the bytes of a recording; raises `ReferenceRejected` with the reason."""
    return read(data)[0]


def read(data: bytes) -> tuple[ReferenceInfo, Samples]:
    """What `inspect` tells, and the first 30 seconds as mono float32 at the file's own rate."""
    if len(data) >= MAX_BYTES:
        raise ReferenceRejected(
            "Reference audio must be under 10 MB; 10 to 30 seconds of one voice are enough"
        )
    if not data:
        _unreadable("it is empty")
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            _check_header(file)
            samples, ended = _decode(file)
            claimed = file.frames / file.samplerate
            rate, channels = file.samplerate, file.channels
    except (soundfile.LibsndfileError, RuntimeError, ValueError, TypeError, OSError):
        _unreadable("send WAV, MP3, FLAC or Ogg")
    seconds = len(samples) / rate
    if seconds < MIN_SECONDS:
        raise ReferenceRejected(f"{_TOO_SHORT}; {seconds:.1f} s of this file can be read")
    duration = seconds if ended else max(seconds, claimed)
    _check_samples(samples, rate)
    return ReferenceInfo(duration, rate, channels, _weaknesses(samples, rate)), samples


def _check_header(file: soundfile.SoundFile) -> None:
    if file.format not in _CONTAINERS:
        _unreadable(f"{file.format} is not served; send WAV, MP3, FLAC or Ogg")
    if file.samplerate < MIN_SAMPLE_RATE:
        raise ReferenceRejected(
            f"Reference audio must be at least 16 kHz; this file has {file.samplerate} Hz. "
            "Record again at 16 kHz or more: converting the old file cannot bring the lost sound back"
        )
    if file.samplerate > _MAX_SAMPLE_RATE:
        _unreadable(f"it claims {file.samplerate} Hz")
    if file.channels > _MAX_CHANNELS:
        _unreadable(f"it claims {file.channels} channels; send mono or stereo")


def _decode(file: soundfile.SoundFile) -> tuple[Samples, bool]:
    """Mono samples, and whether the file ended before the kept length was full."""
    wanted = KEPT_SECONDS * file.samplerate
    block = max(1, _BLOCK_VALUES // file.channels)
    parts: list[Samples] = []
    held = 0
    while held < wanted:
        part = _next_block(file, min(block, wanted - held))
        if len(part) == 0:
            break
        parts.append(part)
        held += len(part)
    return np.concatenate(parts) if parts else np.zeros(0, np.float32), held < wanted


def _next_block(file: soundfile.SoundFile, frames: int) -> Samples:
    try:
        block = file.read(frames, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError:
        # A damaged frame in the middle: what came before it may still be enough.
        return np.zeros(0, np.float32)
    mono: Samples = block.mean(axis=1, dtype=np.float32)
    return mono


def _check_samples(samples: Samples, rate: int) -> None:
    if not np.isfinite(samples).all():
        _unreadable("it holds samples that are not numbers; export it again as 16-bit WAV")
    if np.abs(samples).max() > _LOUDEST_VALUE:
        _unreadable("its samples are far beyond full scale; export it again as 16-bit WAV")
    if np.count_nonzero(_frame_levels(samples, rate) > _AUDIBLE) * 0.02 < _MIN_AUDIBLE_SECONDS:
        raise ReferenceRejected("Reference audio is silent; record at least 5 seconds of one person speaking")


def _weaknesses(samples: Samples, rate: int) -> tuple[str, ...]:
    found: list[str] = []
    peak = np.abs(samples).max()
    if peak >= 0.99 and np.mean(np.abs(samples) >= 0.999 * peak) > _CLIPPED_SHARE:
        found.append("The reference is clipped; record again at a lower level for a cleaner clone")
    levels = _frame_levels(samples, rate)
    audible = np.sort(levels[levels > 0])
    # The percentiles; numpy's own function loads its masked arrays, which weigh on the web process for good.
    quiet, loud = np.interp([0.1, 0.9], np.linspace(0, 1, len(audible)), audible)
    if 20 * np.log10(loud / quiet) < _NOISY_DECIBELS:
        found.append(
            "The reference has noise or music behind the voice; record in a quiet room for a closer clone"
        )
    return tuple(found)


def _frame_levels(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Root mean square of every 20 ms without their mean, so that a constant offset counts as silence."""
    size = rate // 50
    frames = samples[: len(samples) // size * size].astype(np.float64).reshape(-1, size)
    levels: NDArray[np.float64] = frames.std(axis=1)
    return levels


def _unreadable(reason: str) -> NoReturn:
    raise ReferenceRejected(f"{_UNREADABLE}: {reason}")
