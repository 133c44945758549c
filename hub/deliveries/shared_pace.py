"""One pace for all deliver workers: each keeps an equal part of it, as many as are alive."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from hub.queue.names import DELIVER
from hub.queue.protocol import Queue
from webhooks.pacing import Pace, shared

_LOOK_SECONDS: Final = 1.0


class SharedPace:
    """`pace` is what a host allows altogether. How many share it is looked up at most once a second; while
    the queue is away they are as many as they were."""

    def __init__(self, queue: Queue, pace: Pace, clock: Callable[[], float]) -> None:
        self._queue = queue
        self._pace = pace
        self._clock = clock
        self._among = 1
        self._look_at: float | None = None

    async def now(self) -> Pace:
        now = self._clock()
        if self._look_at is None or now >= self._look_at:
            self._look_at = now + _LOOK_SECONDS
            with suppress(OSError):
                self._among = await self._queue.live_workers(DELIVER)
        return shared(self._pace, self._among)
