"""An ARQ worker whose hold on a job ends soon after its process does, and that outlives its Redis."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, cast

from arq.connections import ArqRedis
from arq.constants import in_progress_key_prefix
from arq.worker import Worker, func
from redis.exceptions import RedisError

from hub.queue import presence
from hub.queue.connection import dumps, loads
from hub.queue.fairness import advance_clock
from hub.queue.names import JOBS, SPEAK, WAITING
from hub.queue.protocol import Kind

POLL_SECONDS = 0.02
"""Between looks at a queue that had something a moment ago."""

_RESTS = ((2.0, 1), (30.0, 3), (math.inf, 10))
"""For how many seconds after the last job one of how many looks is taken: each costs a millisecond."""

PAUSE_SECONDS = 1.0
"""Between looks at a Redis that does not answer."""

_UNLIMITED = 7 * 24 * 3600
"""Seconds, and tries, that never run out: both are counted in the database, not by ARQ."""

if TYPE_CHECKING:
    from arq.typing import StartupShutdown, WorkerCoroutine

log = logging.getLogger(__name__)

Job = Callable[[dict[Any, Any]], Coroutine[Any, Any, None]]


class LeaseWorker(Worker):
    """Runs one kind of job, up to `max_jobs` at once.

    Stock ARQ marks a job as taken for the job's whole timeout; here the mark lives `lease` seconds and is
    renewed, so that a killed worker's job is free again soon. `name` must differ from every other live
    worker's: under it this one announces that it lives. `after` runs when ARQ has let go of a job.
    """

    def __init__(
        self,
        job: Job,
        *,
        kind: Kind,
        redis: ArqRedis,
        name: str,
        lease: float,
        max_jobs: int,
        after: Job | None = None,
    ) -> None:
        super().__init__(
            [func(cast("WorkerCoroutine", job), name=JOBS[kind])],
            queue_name=WAITING[kind],
            redis_pool=redis,
            handle_signals=False,
            max_jobs=max_jobs,
            job_timeout=_UNLIMITED,
            max_tries=_UNLIMITED,
            keep_result=0,
            poll_delay=POLL_SECONDS,
            job_serializer=dumps,
            job_deserializer=loads,
            log_results=False,
            on_job_start=self._count_turn if kind == SPEAK else None,
            after_job_end=cast("StartupShutdown | None", after),
        )
        self.in_progress_timeout_s = lease
        self.name = name
        self._kind = kind
        self._looking = asyncio.Lock()
        self._last_busy = time.monotonic()
        self._passed_over = 0
        self._away = False

    async def main(self) -> None:
        await self._wait_for_queue()
        await super().main()

    async def drain(self) -> None:
        """Take no further job, and return when none is running."""
        self.allow_pick_jobs = False
        with contextlib.suppress(TimeoutError):
            # A look at the queue that had begun may still start a job; one at a queue that is away will not.
            async with asyncio.timeout(PAUSE_SECONDS), self._looking:
                pass
        if self.tasks:
            await asyncio.wait(list(self.tasks.values()))

    async def keep_announcing(self) -> None:
        """Renew the marks of running jobs and the sign of life of this worker, for ever."""
        interval = min(self.in_progress_timeout_s / 3, presence.LIFETIME / 4)
        while True:
            try:
                await self._renew()
                await presence.announce(self.pool, self._kind, self.name)
            except (RedisError, OSError):
                log.debug("the marks of running jobs were not renewed")
            await asyncio.sleep(interval)

    async def withdraw(self) -> None:
        """Take the sign of life back at once instead of letting it run out."""
        try:
            async with asyncio.timeout(PAUSE_SECONDS):
                await presence.withdraw(self.pool, self._kind, self.name)
        except (RedisError, OSError):
            log.debug("the sign of life was not taken back")

    async def record_health(self) -> None:
        """Nothing: ARQ's health key is one for all workers of a queue. See `keep_announcing`."""

    async def start_jobs(self, job_ids: list[bytes]) -> None:
        # ARQ asks Redis three times about each that it is running itself, at every look.
        others = [job_id for job_id in job_ids if not self._is_running(job_id.decode())]
        try:
            await super().start_jobs(others)
        except (RedisError, OSError):
            # ARQ has counted a job as running that it could not take.
            self._release_sem_dec_counter_on_complete()
            raise

    async def _poll_iteration(self) -> None:
        if self._may_pass_over():
            return
        try:
            async with self._looking:
                await super()._poll_iteration()
        except (RedisError, OSError) as error:
            await self._pause(error)
        else:
            if self._away:
                log.info("the queue is back")
            self._away = False

    def _is_running(self, job_id: str) -> bool:
        task = self.tasks.get(job_id)
        return task is not None and not task.done()

    def _may_pass_over(self) -> bool:
        now = time.monotonic()
        if self.tasks:
            self._last_busy = now
        looks = next(looks for until, looks in _RESTS if now - self._last_busy <= until)
        self._passed_over = (self._passed_over + 1) % looks
        return self._passed_over != 0

    async def _wait_for_queue(self) -> None:
        while True:
            try:
                await self.pool.ping()
            except (RedisError, OSError) as error:
                await self._pause(error)
            else:
                return

    async def _pause(self, error: Exception) -> None:
        if not self._away:
            log.warning("the queue is away (%s); waiting for it", type(error).__name__)
        self._away = True
        await asyncio.sleep(PAUSE_SECONDS)

    async def _renew(self) -> None:
        async with self.pool.pipeline(transaction=False) as pipeline:
            for job_id in list(self.job_tasks):
                pipeline.pexpire(in_progress_key_prefix + job_id, int(self.in_progress_timeout_s * 1000))
            await pipeline.execute()

    async def _count_turn(self, ctx: dict[Any, Any]) -> None:
        try:
            await advance_clock(self.pool, ctx["score"])
        except (RedisError, OSError):
            log.debug("the fair queue's clock was not advanced")
