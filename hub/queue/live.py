"""Audio on its way from a worker to a listener, in a Redis stream that lives for moments.

Nothing is sent unless somebody listens, and what is lost here the listener reads from the stored audio. The
stream is in the server's memory only: neither its log on the disk nor its replicas learn of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from arq.connections import ArqRedis

from hub.queue.names import LISTENED, LIVE
from hub.queue.protocol import Overheard

LISTENING_SECONDS = 10
"""How long a job counts as listened to after a listener has asked."""

_KEPT_SECONDS = 60
_KEPT_STRETCHES = 24
_ADD = """
redis.set_repl(redis.REPL_NONE)
for n = 3, #ARGV, 2 do
  redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[1], '*', 'at', ARGV[n], 'pcm', ARGV[n + 1])
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
"""
_AT_ONCE = 2
"""Stretches a listener takes at a time: a web process holds no more of them in memory."""


async def broadcast(redis: ArqRedis, job_id: str, stretches: Iterable[tuple[int, bytes]]) -> bool:
    """Send the newest stretches of (first sample, PCM) if somebody listens."""
    if not await redis.exists(LISTENED + job_id):
        return False
    sent = [part for stretch in stretches for part in stretch]
    await redis.register_script(_ADD)(keys=[LIVE + job_id], args=[_KEPT_STRETCHES, _KEPT_SECONDS, *sent])
    return True


async def overhear(redis: ArqRedis, job_id: str, after: str) -> list[Overheard]:
    async with redis.pipeline(transaction=False) as pipeline:
        pipeline.set(LISTENED + job_id, 1, ex=LISTENING_SECONDS)
        pipeline.xread({LIVE + job_id: after}, count=_AT_ONCE)
        _, streams = await pipeline.execute()
    entries = streams[0][1] if streams else []
    return [Overheard(entry.decode(), int(fields[b"at"]), fields[b"pcm"]) for entry, fields in entries]
