"""Connections to SQLite that end when they are told to, and can be waited for."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import Any
from weakref import WeakSet

import aiosqlite

_BUSY_SECONDS = 30
_ROWS_AT_A_TIME = 64


def keep_a_log(path: str) -> None:
    """Have the database file at `path` written through a log from now on: readers and the writer do not wait
    for each other. The file remembers it; changing over while others connect fails with "locked".
    """
    with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


class SqliteConnections:
    """Makes the connections to the file `path`, each with a thread of its own."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._made: WeakSet[_Connection] = WeakSet()

    def connect(self) -> aiosqlite.Connection:
        connection = _Connection(self._path)
        self._made.add(connection)
        return connection

    async def ended(self, seconds: float = 5) -> None:
        """Wait until the thread of each is gone: one that comes back with an answer must find its loop."""
        waiting = [asyncio.to_thread(one.join, seconds) for one in list(self._made)]
        await asyncio.gather(*waiting)


class _Connection(aiosqlite.Connection):
    """Stops once. Told twice, as when its user is cancelled twice, the first stop ends the thread, and
    whoever waits for the second would wait for ever.
    """

    def __init__(self, path: str) -> None:
        super().__init__(lambda: sqlite3.connect(path, timeout=_BUSY_SECONDS), _ROWS_AT_A_TIME)
        # A process may end although somebody forgot a connection.
        self._thread.daemon = True
        self._told = False

    def stop(self) -> asyncio.Future[Any] | None:
        if self._told:
            return None
        self._told = True
        return super().stop()

    def join(self, seconds: float) -> None:
        if self._thread.ident is not None:
            self._thread.join(seconds)
