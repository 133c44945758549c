"""The queue on Redis or Valkey, for processes that must never wait long for it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from arq.connections import ArqRedis
from redis.exceptions import RedisError

from hub.queue import live, presence
from hub.queue.connection import web_client
from hub.queue.fairness import PAYLOAD_LIFE, enqueue_fairly
from hub.queue.names import DELIVER, JOBS, WAITING
from hub.queue.protocol import Kind, Overheard, QueueAway

PATIENCE = 1.0
"""Seconds any one call may take altogether."""

PAUSE = 1.0
"""Seconds for which a Redis that did not answer is not asked again: an outage must not slow every caller."""

log = logging.getLogger(__name__)


class RedisQueue:
    """`locate` says the server's URL or raises `QueueAway`; it is asked again until it has answered once."""

    def __init__(self, locate: Callable[[], str]) -> None:
        self._locate = locate
        self._client: ArqRedis | None = None
        self._away_until = 0.0

    @property
    def redis(self) -> ArqRedis:
        if self._client is None:
            self._client = web_client(self._locate())
        return self._client

    async def enqueue_speech(self, job_id: str, account_id: str, cost: int) -> bool:
        try:
            async with self._answering() as redis:
                return await enqueue_fairly(redis, job_id, account_id=account_id, cost=cost)
        except QueueAway:
            return False

    async def enqueue_delivery(self, delivery_id: str, not_before: datetime | None = None) -> bool:
        try:
            async with self._answering() as redis:
                added = await redis.enqueue_job(
                    JOBS[DELIVER],
                    _job_id=delivery_id,
                    _queue_name=WAITING[DELIVER],
                    _defer_until=not_before,
                    # ARQ's own reckoning from a time in the past would leave a job without its payload.
                    _expires=PAYLOAD_LIFE,
                )
                return added is not None
        except QueueAway:
            return False

    async def ping(self) -> None:
        async with self._answering() as redis:
            await redis.ping()

    async def live_workers(self, kind: Kind) -> int:
        async with self._answering() as redis:
            return await presence.count(redis, kind)

    async def worker_names(self, kind: Kind) -> Sequence[str]:
        async with self._answering() as redis:
            return await presence.names(redis, kind)

    async def depth(self, kind: Kind) -> int:
        async with self._answering() as redis:
            return int(await redis.zcard(WAITING[kind]))

    async def broadcast(self, job_id: str, stretches: Sequence[tuple[int, bytes]]) -> bool:
        try:
            async with self._answering() as redis:
                return await live.broadcast(redis, job_id, stretches)
        except QueueAway:
            return False

    async def overhear(self, job_id: str, after: str) -> Sequence[Overheard]:
        try:
            async with self._answering() as redis:
                return await live.overhear(redis, job_id, after)
        except QueueAway:
            return ()

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose(close_connection_pool=True)
            self._client = None

    @asynccontextmanager
    async def _answering(self) -> AsyncIterator[ArqRedis]:
        if time.monotonic() < self._away_until:
            raise QueueAway("The queue does not answer.")
        try:
            async with asyncio.timeout(PATIENCE):
                yield self.redis
        except (RedisError, OSError) as error:  # a timeout is an OSError
            self._away_until = time.monotonic() + PAUSE
            log.warning("the queue is away (%s); the sweeper brings in what it misses", type(error).__name__)
            raise QueueAway("The queue does not answer.") from error
