"""Samples out of audio that arrives in pieces of any size: WAV with an open or a true size, or bare PCM."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_OPEN_SIZES = (0, 0x7FFFFFFF, 0xFFFFFFFF)
_MOST_HEADER = 65_536
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE


class UnreadableStream(Exception):
    """The bytes are not audio of a kind that is understood; says why."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """Interleaved little-endian samples: 16-bit integers, or 32-bit floats."""

    sample_rate: int
    channels: int = 1
    floating: bool = False

    def __post_init__(self) -> None:
        if not 8000 <= self.sample_rate <= 192_000 or not 1 <= self.channels <= 8:
            raise UnreadableStream(f"it claims {self.channels} channels at {self.sample_rate} Hz")

    @property
    def frame_bytes(self) -> int:
        return self.channels * (4 if self.floating else 2)

    def samples(self, content: bytes) -> NDArray[np.float32]:
        """Mono float32 of whole frames."""
        values = np.frombuffer(content, "<f4" if self.floating else "<i2").astype(np.float32)
        if not self.floating:
            values /= np.float32(32768)
        mono: NDArray[np.float32] = values.reshape(-1, self.channels).mean(axis=1, dtype=np.float32)
        return mono


class AudioStream:
    """Feed it bytes, get samples. Without an `encoding` the bytes must be a WAV file, which tells it."""

    def __init__(self, encoding: Encoding | None = None) -> None:
        self.encoding = encoding
        self._waiting = b""
        self._left: int | None = None

    def feed(self, content: bytes) -> NDArray[np.float32]:
        """The samples that are complete by now, maybe none. Raises `UnreadableStream`."""
        self._waiting += content
        if self.encoding is None:
            self._read_header()
        if self.encoding is None:
            return np.zeros(0, np.float32)
        whole = len(self._waiting) - len(self._waiting) % self.encoding.frame_bytes
        if self._left is not None:
            whole = min(whole, self._left)
            self._left -= whole
        ready, self._waiting = self._waiting[:whole], self._waiting[whole:]
        return self.encoding.samples(ready)

    @property
    def is_whole(self) -> bool:
        """Whether the stream may end here: nothing that its header announced is missing."""
        return self.encoding is not None and not self._left

    def _read_header(self) -> None:
        """Up to the first sample; the header may come in several pieces and hold chunks we do not know."""
        data = self._waiting
        if not data[:12].startswith(b"RIFF"[: len(data)]) or (len(data) >= 12 and data[8:12] != b"WAVE"):
            raise UnreadableStream("it is not a WAV file")
        place, encoding = 12, None
        while len(data) >= place + 8:
            name, size = struct.unpack_from("<4sI", data, place)
            if name == b"data":
                self._begin(encoding, size, place + 8)
                return
            if len(data) < place + 8 + size:
                break
            if name == b"fmt ":
                encoding = _encoding(data[place + 8 : place + 8 + size])
            place += 8 + size + size % 2
        if len(data) > _MOST_HEADER:
            raise UnreadableStream("its header has no end")

    def _begin(self, encoding: Encoding | None, size: int, first: int) -> None:
        if encoding is None:
            raise UnreadableStream("its header does not say how the samples are written")
        self.encoding = encoding
        self._left = None if size in _OPEN_SIZES else size - size % encoding.frame_bytes
        self._waiting = self._waiting[first:]


def _encoding(content: bytes) -> Encoding:
    if len(content) < 16:
        raise UnreadableStream("its header is damaged")
    kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", content)
    if kind == _EXTENSIBLE and len(content) >= 26:
        (kind,) = struct.unpack_from("<H", content, 24)
    if (kind, bits) not in ((_PCM, 16), (_FLOAT, 32)):
        raise UnreadableStream(f"its samples have {bits} bits of kind {kind}")
    return Encoding(rate, channels, floating=kind == _FLOAT)
