"""How many requests are being spoken at this moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class Crowd:
    """Counts those inside `joined`; safe to share between threads."""

    def __init__(self) -> None:
        self._size = 0
        self._lock = Lock()

    @contextmanager
    def joined(self) -> Iterator[None]:
        self._change(1)
        try:
            yield
        finally:
            self._change(-1)

    @property
    def is_one(self) -> bool:
        """Whether nobody but the caller is inside."""
        return self._size <= 1

    def _change(self, by: int) -> None:
        with self._lock:
            self._size += by
