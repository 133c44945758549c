"""The life of a worker process: work until told to stop, finish what is running, leave."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable

from hub.hub import Hub
from hub.worker.lease import LeaseWorker
from hub.worker.sweeping import sweep_on

GRACE_SECONDS = 20.0
"""What a running job may take after the first signal; then it is asked to stop."""

LAST_SECONDS = 5.0
"""What it may take to stop; then the process leaves without it."""

log = logging.getLogger(__name__)


class Service:
    """Runs `worker`, its signs of life and the sweeper. `interrupt` asks running jobs to stop early."""

    def __init__(
        self, hub: Hub, worker: LeaseWorker, *, interrupt: Callable[[], None], grace: float = GRACE_SECONDS
    ) -> None:
        self._hub = hub
        self._worker = worker
        self._interrupt = interrupt
        self._grace = grace
        self._stop = asyncio.Event()

    def stop(self) -> None:
        self._stop.set()

    async def run(self) -> None:
        """Returns after `stop` or the first SIGTERM or SIGINT; a second signal ends the process at once."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._on_signal, number)
        announcing = asyncio.create_task(self._worker.keep_announcing())
        sweeping = asyncio.create_task(sweep_on(self._hub, self._stop))
        working = asyncio.create_task(self._worker.main())
        try:
            await self._until_stopped(working)
            await self._worker.withdraw()
            await self._wind_up()
        finally:
            self._stop.set()
            for task in (working, announcing):
                task.cancel()
            await asyncio.gather(working, announcing, sweeping, return_exceptions=True)
            await self._worker.withdraw()
            await self._worker.pool.aclose(close_connection_pool=True)

    async def _until_stopped(self, working: asyncio.Task[None]) -> None:
        stopped = asyncio.create_task(self._stop.wait())
        await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
        self._stop.set()
        await stopped
        if working.done():
            working.result()  # raises what ended it

    async def _wind_up(self) -> None:
        draining = asyncio.create_task(self._worker.drain())
        if self._worker.tasks:
            log.info("stopping when the running jobs are done")
        await asyncio.wait({draining}, timeout=self._grace)
        if not draining.done():
            log.info("stopping what is still running; it goes back to the queue")
            self._interrupt()
            await asyncio.wait({draining}, timeout=LAST_SECONDS)
        draining.cancel()
        await asyncio.gather(draining, return_exceptions=True)

    def _on_signal(self, number: int) -> None:
        if self._stop.is_set():
            os._exit(128 + number)
        self._stop.set()
