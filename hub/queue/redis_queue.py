"""The queue on Redis or Valkey, for processes that must never wait long for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from arq.connections import ArqRedis
from redis.exceptions import RedisError

from hub.queue import presence
from hub.queue.connection import web_client
from hub.queue.fairness import PAYLOAD_LIFE, enqueue_fairly
from hub.queue.names import DELIVER, JOBS, WAITING
from hub.queue.protocol import Kind, QueueAway

PATIENCE = 1.0
"""Seconds any one call may take altogether."""

log = logging.getLogger(__name__)


class RedisQueue:
    """`locate` says the server's URL or raises `QueueAway`; it is asked again until it has answered once."""

    def __init__(self, locate: Callable[[], str]) -> None:
        self._locate = locate
        self._client: ArqRedis | None = None

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
            log.warning("job %s was not enqueued, the queue is away: the sweeper will bring it in", job_id)
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
            log.warning("delivery %s was not enqueued, the queue is away: the sweeper will", delivery_id)
            return False

    async def ping(self) -> None:
        async with self._answering() as redis:
            await redis.ping()

    async def live_workers(self, kind: Kind) -> int:
        async with self._answering() as redis:
            return await presence.count(redis, kind)

    async def depth(self, kind: Kind) -> int:
        async with self._answering() as redis:
            return int(await redis.zcard(WAITING[kind]))

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose(close_connection_pool=True)
            self._client = None

    @asynccontextmanager
    async def _answering(self) -> AsyncIterator[ArqRedis]:
        try:
            async with asyncio.timeout(PATIENCE):
                yield self.redis
        except (RedisError, OSError) as error:  # a timeout is an OSError
            raise QueueAway("The queue does not answer.") from error
