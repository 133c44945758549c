"""Whose turn it is to write to an SQLite file, among the tasks of a process and among processes.

SQLite has one writer at a time, and lets others ask again at growing intervals of up to a tenth of a second:
under a steady load from one process another one may ask for seconds. Here they queue. What keeps the file
whole is SQLite's own lock all the same, as for whoever opens the file without asking here.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from types import TracebackType


class Turns:
    """`async with` one of these to write to the file at `path`, whose folder must exist by then."""

    def __init__(self, path: str) -> None:
        self._here = asyncio.Lock()
        self._next = _Lock(f"{path}-next")
        self._turn = _Lock(f"{path}-turn")

    async def __aenter__(self) -> None:
        # First, so that a file that cannot be opened leaves nobody's turn taken.
        self._next.open()
        self._turn.open()
        await self._here.acquire()
        if self._next.taken_at_once():
            taken = self._turn.taken_at_once()
            self._next.release()
            if taken:
                return
        waiting = asyncio.ensure_future(asyncio.to_thread(self._wait))
        try:
            await asyncio.shield(waiting)
        except BaseException:
            # The thread cannot be called back; what it comes to hold is let go then.
            waiting.add_done_callback(self._leave)
            raise

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._leave()

    async def close(self) -> None:
        async with self._here:
            self._next.close()
            self._turn.close()

    def _wait(self) -> None:
        # Whoever is next keeps the one who just wrote from being the next again.
        self._next.take()
        try:
            self._turn.take()
        finally:
            self._next.release()

    def _leave(self, waited: asyncio.Future[None] | None = None) -> None:
        if waited is None or not (waited.cancelled() or waited.exception()):
            self._turn.release()
        self._here.release()


class _Lock:
    """Held by one process at a time, and by none once that process is gone."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: int | None = None

    def open(self) -> int:
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._file

    def taken_at_once(self) -> bool:
        try:
            fcntl.flock(self.open(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def take(self) -> None:
        fcntl.flock(self.open(), fcntl.LOCK_EX)

    def release(self) -> None:
        fcntl.flock(self.open(), fcntl.LOCK_UN)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
