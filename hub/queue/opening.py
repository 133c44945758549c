"""Opening the queue a process was configured with."""

from __future__ import annotations

from functools import partial

from hub.queue.location import redis_url
from hub.queue.redis_queue import RedisQueue
from hub.settings import Settings


def open_queue(settings: Settings) -> RedisQueue:
    """Connects at the first use, not here: a hub without its Redis still starts and still accepts."""
    return RedisQueue(partial(redis_url, settings))
