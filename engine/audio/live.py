"""Audio handed out while more of it is being made: levelled as it comes, encoded as it comes.

A live stream is mono at `LIVE_RATE`. What was sent cannot be turned down afterwards, so the loudness of the
first stretch sets the gain for the rest; the finished file is levelled as a whole.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from enum import StrEnum

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.audio.labels import Labels, id3, info_chunk
from engine.audio.loudness import TARGET_LUFS, limited, loudness

LIVE_RATE = 24_000
"""Hertz."""

_MOST_GAIN_DECIBELS = 40.0
_FRAMES_A_SECOND = 100
_CONTEXT_FRAMES = 5
"""More than the limiter and the resampler look to either side."""

Samples = NDArray[np.float32]

Listener = Callable[[Samples], None]
"""Called, from the thread that speaks, with each stretch of a request's audio at `LIVE_RATE`, in order."""


class LiveFormat(StrEnum):
    MP3 = "mp3"
    OPUS = "opus"
    FLAC = "flac"
    WAV = "wav"
    PCM = "pcm"
    """Bare 16-bit little-endian samples."""

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    LiveFormat.MP3: "audio/mpeg",
    LiveFormat.OPUS: "audio/ogg; codecs=opus",
    LiveFormat.FLAC: "audio/flac",
    LiveFormat.WAV: "audio/wav",
    LiveFormat.PCM: f"audio/pcm; rate={LIVE_RATE}; channels=1",
}
_CONTAINERS = {
    LiveFormat.MP3: ("MP3", "MPEG_LAYER_III"),
    LiveFormat.OPUS: ("OGG", "OPUS"),
    LiveFormat.FLAC: ("FLAC", "PCM_16"),
}
_UNKNOWN_LENGTH = 0xFFFFFFFF


class LiveLevel:
    """Brings the stretches of one request, at `rate` hertz, to loudness and rate for `listener`.

    Stretches end in silence, or say that they go on: then their last moments wait for the next one, so that
    the cut is not heard.
    """

    def __init__(self, listener: Listener, rate: int) -> None:
        self._listener = listener
        self._rate = rate
        self._gain: float | None = None
        self._held = np.zeros(0, np.float32)
        self._heard = 0
        """Frames at the beginning of what is held that were heard already; they keep the filters going."""

    @staticmethod
    def may_cut(rate: int) -> bool:
        """Whether stretches at this rate may go on: a frame of 10 ms must be whole samples."""
        return rate % _FRAMES_A_SECOND == 0

    def __call__(self, samples: Samples, *, goes_on: bool = False) -> None:
        if self._gain is None and samples.any():
            measured = loudness(samples, self._rate)
            wanted = min(TARGET_LUFS - measured, _MOST_GAIN_DECIBELS) if np.isfinite(measured) else 0.0
            self._gain = 10 ** (wanted / 20)
        samples = np.concatenate([self._held, samples])
        levelled = resampled(limited(samples * np.float32(self._gain or 1.0), self._rate), self._rate)
        first = self._heard * LIVE_RATE // _FRAMES_A_SECOND
        if not goes_on:
            self._held, self._heard = self._held[:0], 0
            self._listener(levelled[first:])
            return
        frame = self._rate // _FRAMES_A_SECOND
        upto = max(len(samples) // frame - _CONTEXT_FRAMES, self._heard)
        kept = max(upto - _CONTEXT_FRAMES, 0)
        self._held, self._heard = samples[kept * frame :], upto - kept
        if upto * LIVE_RATE // _FRAMES_A_SECOND > first:
            self._listener(levelled[first : upto * LIVE_RATE // _FRAMES_A_SECOND])


def resampled(samples: Samples, rate: int) -> Samples:
    """`samples` of `rate` hertz at `LIVE_RATE`."""
    if rate == LIVE_RATE or not len(samples):
        return samples
    from math import gcd

    from scipy.signal import resample_poly

    shared = gcd(rate, LIVE_RATE)
    return np.asarray(resample_poly(samples, LIVE_RATE // shared, rate // shared), dtype=np.float32)


def as_pcm(samples: Samples) -> bytes:
    """16-bit little-endian samples."""
    return (np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes()


class LiveEncoder:
    """A file whose beginning can be played before its end is known: lengths in its header stay open."""

    def __init__(self, format: LiveFormat, labels: Labels | None = None) -> None:
        self._format = format
        self._labels = labels or Labels()
        self._out = _Outlet()
        self._file = self._opened()
        self._head = self._written_first()

    def feed(self, pcm: bytes) -> bytes:
        """What can be sent after these samples, which may be nothing yet."""
        head, self._head = self._head, b""
        if self._file is None:
            return head + pcm
        self._file.buffer_write(pcm, dtype="int16")
        if self._format is not LiveFormat.MP3:  # flushing makes frames whose bits lie in frames not made yet
            self._file.flush()
        return head + self._out.taken()

    def end(self) -> bytes:
        """The rest."""
        head, self._head = self._head, b""
        if self._file is None:
            return head
        self._file.close()
        return head + self._out.taken()

    def _written_first(self) -> bytes:
        match self._format:
            case LiveFormat.WAV:
                return _wav_head(info_chunk(self._labels))
            case LiveFormat.MP3:
                return id3(self._labels)
            case _:
                return b""

    def _opened(self) -> soundfile.SoundFile | None:
        if self._format not in _CONTAINERS:
            return None
        container, subtype = _CONTAINERS[self._format]
        # Players tell the length of an MP3 without a table from its bit rate, which must be one then.
        mode = "CONSTANT" if self._format is LiveFormat.MP3 else None
        file = soundfile.SoundFile(
            self._out, "w", LIVE_RATE, 1, format=container, subtype=subtype, bitrate_mode=mode
        )
        if self._format is not LiveFormat.MP3:
            file.comment, file.software = self._labels.sentence, self._labels.software
        return file


class _Outlet(io.RawIOBase):
    """A file of which new bytes at the end are taken away; what is rewritten in its head was sent already."""

    def __init__(self) -> None:
        super().__init__()
        self._new = bytearray()
        self._sent = 0
        self._at = 0

    def taken(self) -> bytes:
        taken = bytes(self._new)
        self._sent += len(taken)
        self._new.clear()
        return taken

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._sent + len(self._new)}[whence]
        self._at = start + offset
        return self._at

    def write(self, data: bytes | memoryview) -> int:  # type: ignore[override]  # soundfile writes these two
        piece = bytes(data)
        start = self._at - self._sent
        self._at += len(piece)
        if start < 0:
            piece = piece[-start:]
            start = 0
        self._new[start : start + len(piece)] = piece
        return len(data)


def _wav_head(info: bytes) -> bytes:
    """RIFF/WAVE, PCM 16, mono, of unknown length as streamed files say it."""
    form = struct.pack(
        "<4sI4s4sIHHIIHH",
        *(b"RIFF", _UNKNOWN_LENGTH, b"WAVE", b"fmt ", 16),
        *(1, 1, LIVE_RATE, LIVE_RATE * 2, 2, 16),
    )
    return form + info + struct.pack("<4sI", b"data", _UNKNOWN_LENGTH)
