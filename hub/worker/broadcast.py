"""What an attempt speaks, sent to whoever listens while it is being spoken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from hub.queue import Queue

if TYPE_CHECKING:
    from engine.audio.live import Samples

_LOOK_SECONDS = 0.5
"""How often a listener who came late is looked for."""


class Broadcast:
    """The audio of one attempt, from the sample `begins` of the whole on, after `rest` silent ones."""

    def __init__(self, queue: Queue, job_id: str, *, begins: int = 0, rest: int = 0) -> None:
        self._queue = queue
        self._job_id = job_id
        self._loop = asyncio.get_running_loop()
        self._at = begins
        self._rest = bytes(2 * rest)
        self._unsent: list[tuple[int, bytes]] = []
        self._news = asyncio.Event()

    def hear(self, samples: Samples) -> None:
        """From the speaking thread: a stretch of audio is ready."""
        from engine.audio.live import as_pcm

        pcm = as_pcm(samples)
        self._loop.call_soon_threadsafe(self._add, pcm)

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        """Sends for as long as the block lasts, and what is left at its end."""
        ended = asyncio.Event()
        task = asyncio.create_task(self._send_on(ended))
        try:
            yield
        finally:
            ended.set()
            self._news.set()
            await task

    def _add(self, pcm: bytes) -> None:
        pcm, self._rest = self._rest + pcm, b""
        self._unsent.append((self._at, pcm))
        self._at += len(pcm) // 2
        self._news.set()

    async def _send_on(self, ended: asyncio.Event) -> None:
        while not ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), _LOOK_SECONDS)
            self._news.clear()
            await self._send()
        await self._send()

    async def _send(self) -> None:
        stretches = list(self._unsent)
        if stretches and await self._queue.broadcast(self._job_id, stretches):
            del self._unsent[: len(stretches)]
