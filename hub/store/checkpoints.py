"""Carrying SQLite's log over into the database beside the writing, not in the middle of it.

SQLite does it itself at every thousandth page, within whichever transaction comes to that: whoever waits for
that one waits for all the pages.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing, suppress
from typing import Final

MOST_PAGES: Final = 16_000
"""64 MB of log. Under a load without a pause only the writer itself can start the log anew."""

_SECONDS: Final = 1.0


class Checkpoints:
    """One for the database file `path`; each runs a second after a write, in a thread of its own."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._next: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def soon(self) -> None:
        if self._next is None or self._next.done():
            self._next = asyncio.create_task(self._later())

    async def close(self) -> None:
        self._closing.set()
        if self._next is not None:
            await asyncio.gather(self._next, return_exceptions=True)

    async def _later(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), _SECONDS)
        await asyncio.to_thread(self._now)

    def _now(self) -> None:
        # Somebody else at it, or a file that went away, is no reason to stop: the next write asks again.
        with suppress(sqlite3.Error), closing(sqlite3.connect(self._path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
