"""Turns between accounts: a job is ordered by the share its account has already been given."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files

from arq.connections import ArqRedis
from arq.constants import job_key_prefix
from arq.jobs import serialize_job
from arq.utils import timestamp_ms, to_ms

from hub.queue.connection import dumps
from hub.queue.names import CLOCK, JOBS, SPEAK, TAGS, TURN, WAITING

PAYLOAD_LIFE = timedelta(days=7)
"""A job still waiting after this is dropped by ARQ and brought back by the sweeper."""

_TURN_LIFE = timedelta(minutes=10)
_ENQUEUE = files("hub.queue").joinpath("enqueue_fairly.lua").read_text()
_ADVANCE = """
if tonumber(ARGV[1]) > tonumber(redis.call('GET', KEYS[1]) or '1000') then
  redis.call('SET', KEYS[1], ARGV[1])
end
"""


async def enqueue_fairly(redis: ArqRedis, job_id: str, *, account_id: str, cost: int) -> bool:
    """Whether the job was added; a job that waits or runs is left alone and its account pays nothing."""
    payload = serialize_job(JOBS[SPEAK], (), {}, None, timestamp_ms(), serializer=dumps)
    script = redis.register_script(_ENQUEUE)
    added = await script(
        keys=[WAITING[SPEAK], job_key_prefix + job_id, CLOCK, TAGS, TURN + job_id],
        args=[job_id, payload, account_id, max(1, cost), to_ms(PAYLOAD_LIFE), to_ms(_TURN_LIFE)],
    )
    return bool(added)


async def spend_turn(redis: ArqRedis, job_id: str) -> None:
    """The job was taken up: should it come back, for its next part or another try, it pays again."""
    await redis.delete(TURN + job_id)


async def advance_clock(redis: ArqRedis, start_tag: int) -> None:
    """Tell the queue that the job with this score is being started."""
    await redis.register_script(_ADVANCE)(keys=[CLOCK], args=[start_tag])
