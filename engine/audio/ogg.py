"""Ogg pages with a settled serial number: encoders draw a random one, which would make equal audio differ.

Page layout and checksum: RFC 3533 section 6.
"""

from __future__ import annotations

import struct

_HEADER = struct.Struct("<4sBBqIIIB")
_SERIAL_AT, _CHECKSUM_AT = 14, 22
_POLYNOMIAL = 0x04C11DB7


def steady(data: bytes, serial: int) -> bytes:
    """The Ogg file `data` with `serial` in every page."""
    done = bytearray(data)
    start = 0
    while start < len(done):
        marker, *_, segments = _HEADER.unpack_from(done, start)
        if marker != b"OggS":
            raise ValueError("not an Ogg page")
        body = start + _HEADER.size
        end = body + segments + sum(done[body : body + segments])
        struct.pack_into("<I", done, start + _SERIAL_AT, serial)
        struct.pack_into("<I", done, start + _CHECKSUM_AT, 0)
        struct.pack_into("<I", done, start + _CHECKSUM_AT, _checksum(done[start:end]))
        start = end
    return bytes(done)


def _table() -> tuple[int, ...]:
    rows = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ (_POLYNOMIAL if value & 0x80000000 else 0)
        rows.append(value & 0xFFFFFFFF)
    return tuple(rows)


_TABLE = _table()


def _checksum(page: bytearray) -> int:
    value = 0
    for byte in page:
        value = ((value << 8) & 0xFFFFFFFF) ^ _TABLE[(value >> 24) ^ byte]
    return value
