"""The queue's public face: best effort when enqueuing, honest when asked, quick in both."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from arq.constants import job_key_prefix

from hub.queue import QueueAway, RedisQueue, open_queue, presence
from hub.queue.location import address_file, redis_url
from hub.queue.names import TAGS, WAITING
from hub.queue.redis_queue import PAUSE
from hub.settings import Settings
from tests.valkey import running_valkey


@pytest_asyncio.fixture
async def redis_queue(redis_url: str) -> AsyncIterator[RedisQueue]:
    queue = RedisQueue(lambda: redis_url)
    yield queue
    await queue.close()


@pytest.fixture
def deaf_url() -> Iterator[str]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


async def test_a_job_is_added_once(redis_queue: RedisQueue) -> None:
    assert await redis_queue.enqueue_speech("j1", "a", 10)
    assert not await redis_queue.enqueue_speech("j1", "a", 10)
    assert await redis_queue.depth("speak") == 1


async def test_only_the_job_id_travels(redis_queue: RedisQueue) -> None:
    await redis_queue.enqueue_speech("j1", "account-7", 10)
    payload = await redis_queue.redis.get(job_key_prefix + "j1")
    assert payload is not None
    assert payload.startswith(b'{"t":null,"f":"speak","a":[],"k":{},"et":')
    assert b"account" not in payload


async def test_a_job_the_queue_already_has_costs_its_account_nothing(redis_queue: RedisQueue) -> None:
    await redis_queue.enqueue_speech("j1", "a", 10)
    before = await redis_queue.redis.zscore(TAGS, "a")
    await redis_queue.enqueue_speech("j1", "a", 500)
    assert await redis_queue.redis.zscore(TAGS, "a") == before


async def test_a_job_without_its_payload_is_added_again(redis_queue: RedisQueue) -> None:
    await redis_queue.enqueue_speech("j1", "a", 10)
    await redis_queue.redis.delete(job_key_prefix + "j1")
    assert await redis_queue.enqueue_speech("j1", "a", 10)


async def test_a_payload_without_its_place_is_added_again(redis_queue: RedisQueue) -> None:
    await redis_queue.enqueue_speech("j1", "a", 10)
    await redis_queue.redis.zrem(WAITING["speak"], "j1")
    assert await redis_queue.enqueue_speech("j1", "a", 10)
    assert await redis_queue.depth("speak") == 1


async def test_a_delivery_waits_for_its_time(redis_queue: RedisQueue) -> None:
    later = datetime(2031, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert await redis_queue.enqueue_delivery("d1", later)
    assert not await redis_queue.enqueue_delivery("d1", None)
    assert await redis_queue.redis.zscore(WAITING["deliver"], "d1") == later.timestamp() * 1000


async def test_a_delivery_whose_time_has_passed_keeps_its_payload(redis_queue: RedisQueue) -> None:
    assert await redis_queue.enqueue_delivery("d1", datetime.now(UTC) - timedelta(days=30))
    assert await redis_queue.redis.exists(job_key_prefix + "d1")


async def test_workers_count_until_they_leave_or_fall_silent(redis_queue: RedisQueue) -> None:
    assert await redis_queue.live_workers("speak") == 0
    await presence.announce(redis_queue.redis, "speak", "one")
    await presence.announce(redis_queue.redis, "speak", "two")
    await presence.announce(redis_queue.redis, "deliver", "three")
    assert await redis_queue.live_workers("speak") == 2
    assert await redis_queue.worker_names("speak") == ["one", "two"]
    await presence.withdraw(redis_queue.redis, "speak", "one")
    assert await redis_queue.live_workers("speak") == 1
    await presence.announce(redis_queue.redis, "speak", "two", lifetime=0)
    assert await redis_queue.live_workers("speak") == 0
    assert await redis_queue.worker_names("speak") == []
    assert await redis_queue.live_workers("deliver") == 1


async def test_ping_answers(redis_queue: RedisQueue) -> None:
    await redis_queue.ping()


@pytest.mark.parametrize("how", ["refused", "deaf", "unplaced"])
async def test_an_absent_server_is_said_at_once_and_never_raised_when_enqueuing(
    how: str, deaf_url: str, tmp_path: Path
) -> None:
    urls = {"refused": "redis://127.0.0.1:9/0", "deaf": deaf_url, "unplaced": ""}
    queue = open_queue(Settings(data=tmp_path, redis_url=urls[how], _env_file=None))
    started = time.monotonic()
    assert not await queue.enqueue_speech("j1", "a", 10)
    assert time.monotonic() - started < 1.5
    for question in (queue.ping, partial(queue.depth, "speak"), partial(queue.live_workers, "speak")):
        with pytest.raises(QueueAway):
            await question()
    await asyncio.sleep(PAUSE)
    assert not await queue.enqueue_delivery("d1", None)
    await queue.close()


async def test_the_queue_comes_back_after_a_restart(tmp_path: Path) -> None:
    with running_valkey(tmp_path) as server:
        queue = RedisQueue(lambda: server.url)
        assert await queue.enqueue_speech("j1", "a", 10)
        server.stop()
        assert not await queue.enqueue_speech("j2", "a", 10)
        server.start()
        await asyncio.sleep(PAUSE)
        assert await queue.enqueue_speech("j2", "a", 10)
        assert await queue.depth("speak") == 2
        await queue.close()


async def test_an_outage_does_not_slow_every_caller(deaf_url: str) -> None:
    queue = RedisQueue(lambda: deaf_url)
    await queue.enqueue_speech("j0", "a", 10)
    began = time.monotonic()
    for number in range(100):
        assert not await queue.enqueue_speech(f"j{number}", "a", 10)
    assert time.monotonic() - began < 0.5
    await queue.close()


async def test_an_embedded_server_that_starts_later_is_found(redis_url: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, _env_file=None)
    queue = open_queue(settings)
    assert not await queue.enqueue_speech("j1", "a", 10)
    await asyncio.sleep(PAUSE)
    address_file(settings).parent.mkdir(parents=True)
    address_file(settings).write_text(redis_url + "\n")
    assert await queue.enqueue_speech("j1", "a", 10)
    await queue.close()


def test_the_configured_url_wins(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, redis_url="rediss://queue.example.com:6380/2", _env_file=None)
    assert redis_url(settings) == "rediss://queue.example.com:6380/2"


def test_a_hub_that_was_never_started_says_how_to_start(tmp_path: Path) -> None:
    with pytest.raises(QueueAway, match="sayhook serve"):
        redis_url(Settings(data=tmp_path, _env_file=None))
