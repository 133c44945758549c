"""How many requests a minute: moving windows in Redis, shared by every web process.

Without Redis each process counts by itself until it is back: the hub still answers, and a limit is at worst
multiplied by the number of processes.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import BlockingConnectionPool
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

_PREFIX = "sayhook:rates"
_CONNECTIONS = 16
_REDIS_SECONDS = 0.5
_PATIENCE = 2.0
_PAUSE_AFTER_FAILURE = 5.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a window. `reset` is in whole seconds until room is there again."""

    limit: int
    remaining: int
    reset: int
    allowed: bool

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


class RateWindows:
    """Counts hits by name. `redis_url` is asked again after each failure: the server may have moved."""

    def __init__(self, redis_url: Callable[[], str]) -> None:
        self._redis_url = redis_url
        self._here = MovingWindowRateLimiter(MemoryStorage())
        self._shared: MovingWindowRateLimiter | None = None
        self._pool: BlockingConnectionPool | None = None
        self._shared_again_at = 0.0

    async def hit(self, name: str, limit: int, *, minutes: int = 1) -> Allowance:
        """Count one request of a window so many minutes long, or refuse it when the window is full."""
        window = RateLimitItemPerMinute(limit, minutes)
        if time.monotonic() >= self._shared_again_at:
            try:
                async with asyncio.timeout(_PATIENCE):
                    return await _hit(self._in_redis(), name, window)
            except (RedisError, OSError, TimeoutError) as error:
                await self._leave_redis(error)
        return await _hit(self._here, name, window)

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()
        self._shared = self._pool = None

    def _in_redis(self) -> MovingWindowRateLimiter:
        if self._shared is None:
            url = self._redis_url()
            self._pool = BlockingConnectionPool.from_url(
                url,
                max_connections=_CONNECTIONS,
                timeout=_PATIENCE,
                socket_connect_timeout=_REDIS_SECONDS,
                socket_timeout=_REDIS_SECONDS,
            )
            storage = RedisStorage(
                f"async+{url}",
                implementation="redispy",
                key_prefix=_PREFIX,
                connection_pool=self._pool,  # type: ignore[arg-type]  # documented, but not annotated
            )
            self._shared = MovingWindowRateLimiter(storage)
        return self._shared

    async def _leave_redis(self, error: Exception) -> None:
        if time.monotonic() < self._shared_again_at:
            return  # another request has found out already
        log.warning("rate_windows_not_shared", reason=type(error).__name__)
        self._shared_again_at = time.monotonic() + _PAUSE_AFTER_FAILURE
        await self.close()


async def _hit(limiter: MovingWindowRateLimiter, name: str, window: RateLimitItemPerMinute) -> Allowance:
    allowed = await limiter.hit(window, name)
    stats = await limiter.get_window_stats(window, name)
    reset = max(1, math.ceil(stats.reset_time - time.time()))
    return Allowance(window.amount, max(0, stats.remaining) if allowed else 0, reset, allowed)
