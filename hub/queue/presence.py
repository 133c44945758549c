"""Which workers are alive. By the server's clock, so that the clocks of worker machines do not matter."""

from __future__ import annotations

from arq.connections import ArqRedis

from hub.queue.names import WORKERS
from hub.queue.protocol import Kind

LIFETIME = 10
"""Seconds a worker counts as alive after its last announcement."""

_ANNOUNCE = """
local now = tonumber(redis.call('TIME')[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], 3600)
"""
_NAMES = "return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. redis.call('TIME')[1], '+inf')"
_COUNT = "return redis.call('ZCOUNT', KEYS[1], '(' .. redis.call('TIME')[1], '+inf')"


async def announce(redis: ArqRedis, kind: Kind, worker: str, *, lifetime: int = LIFETIME) -> None:
    await redis.register_script(_ANNOUNCE)(keys=[WORKERS[kind]], args=[worker, lifetime])


async def withdraw(redis: ArqRedis, kind: Kind, worker: str) -> None:
    await redis.zrem(WORKERS[kind], worker)


async def count(redis: ArqRedis, kind: Kind) -> int:
    return int(await redis.register_script(_COUNT)(keys=[WORKERS[kind]]))


async def names(redis: ArqRedis, kind: Kind) -> list[str]:
    found = await redis.register_script(_NAMES)(keys=[WORKERS[kind]])
    return sorted(name.decode() for name in found)
