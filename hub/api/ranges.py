"""Which bytes of a file a request asks for (RFC 9110, section 14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(
    r"bytes[ \t]*=[ \t]*(?:(\d{1,18})[ \t]*-[ \t]*(\d{1,18})?|-[ \t]*(\d{1,18}))[ \t,]*", re.ASCII
)


class RangeNotSatisfiable(Exception):
    """No byte of the file lies in the range, or the range cannot be read."""


@dataclass(frozen=True, slots=True)
class Span:
    """`length` bytes from `start`."""

    start: int
    length: int

    def content_range(self, size: int) -> str:
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


def requested_span(header: str | None, size: int) -> Span | None:
    """The part of a file of `size` bytes that a `Range` header asks for; None means the whole file.

    Another unit than bytes, or a list of several ranges, is answered with the whole file, as the RFC allows.
    """
    if header is None or not header.strip().lower().startswith("bytes") or _is_list(header):
        return None
    found = _ONE_RANGE.fullmatch(header.strip().lower())
    if found is None:
        raise RangeNotSatisfiable
    first, last, suffix = found.groups()
    start = max(size - int(suffix), 0) if suffix else int(first)
    end = size - 1 if last is None else min(int(last), size - 1)
    if start >= size or end < start or (last is not None and int(last) < int(first)):
        raise RangeNotSatisfiable
    return Span(start, end - start + 1)


def _is_list(header: str) -> bool:
    return len([part for part in header.split(",") if part.strip()]) > 1
