"""Turns between accounts, read from the order in which the queue would start its jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from hub.queue import RedisQueue
from hub.queue.fairness import advance_clock, spend_turn
from hub.queue.names import CLOCK, SPEAK, TAGS, WAITING


@pytest_asyncio.fixture
async def redis_queue(redis_url: str) -> AsyncIterator[RedisQueue]:
    queue = RedisQueue(lambda: redis_url)
    yield queue
    await queue.close()


async def start_next(queue: RedisQueue) -> str:
    """What a worker does with the first due job: the clock moves to its tag, and in the end it leaves."""
    ((member, score),) = await queue.redis.zrange(WAITING[SPEAK], 0, 0, withscores=True)
    await advance_clock(queue.redis, int(score))
    await queue.redis.zrem(WAITING[SPEAK], member)
    return str(member.decode())


async def order(queue: RedisQueue, count: int) -> list[str]:
    return [await start_next(queue) for _ in range(count)]


async def test_a_newcomer_goes_before_a_thousand_waiting_jobs(redis_queue: RedisQueue) -> None:
    for number in range(1000):
        await redis_queue.enqueue_speech(f"big-{number:03}", "big", 100)
    await order(redis_queue, 20)
    await redis_queue.enqueue_speech("small", "small", 100)
    assert await start_next(redis_queue) == "small"


async def test_two_busy_accounts_take_turns(redis_queue: RedisQueue) -> None:
    for account in "ab":
        for number in range(30):
            await redis_queue.enqueue_speech(f"{account}{number:02}", account, 100)
    first = [job[0] for job in await order(redis_queue, 40)]
    assert abs(first.count("a") - first.count("b")) <= 1


async def test_the_order_within_an_account_is_kept(redis_queue: RedisQueue) -> None:
    names = [f"j{number}" for number in range(12)]
    for name in names:
        await redis_queue.enqueue_speech(name, "a", 7)
    assert await order(redis_queue, 12) == names


async def test_long_texts_pay_their_length(redis_queue: RedisQueue) -> None:
    for number in range(12):
        await redis_queue.enqueue_speech(f"long{number:02}", "long", 500)
        await redis_queue.enqueue_speech(f"short{number:02}", "short", 100)
    assert sum(job.startswith("short") for job in await order(redis_queue, 12)) == 10


async def test_idle_time_earns_no_credit(redis_queue: RedisQueue) -> None:
    await redis_queue.enqueue_speech("early", "idle", 1)
    for number in range(50):
        await redis_queue.enqueue_speech(f"busy{number:02}", "busy", 100)
    await order(redis_queue, 31)
    for number in range(10):
        await redis_queue.enqueue_speech(f"late{number:02}", "idle", 100)
    following = await order(redis_queue, 10)
    assert 4 <= sum(job.startswith("late") for job in following) <= 6


async def test_accounts_whose_share_is_used_up_by_time_are_forgotten(redis_queue: RedisQueue) -> None:
    for number in range(40):
        await redis_queue.enqueue_speech(f"j{number}", f"account{number}", 10)
    await redis_queue.enqueue_speech("last", "account0", 1000)
    await order(redis_queue, 41)
    await redis_queue.enqueue_speech("more", "account1", 1000)
    await start_next(redis_queue)
    await redis_queue.enqueue_speech("evenmore", "account0", 10)
    assert await redis_queue.redis.zcard(TAGS) <= 3


async def test_the_clock_never_goes_back(redis_queue: RedisQueue) -> None:
    await advance_clock(redis_queue.redis, 5000)
    await advance_clock(redis_queue.redis, 4000)
    assert await redis_queue.redis.get(CLOCK) == b"5000"


async def test_a_flush_begins_a_new_time_above_zero(redis_queue: RedisQueue) -> None:
    await advance_clock(redis_queue.redis, 5000)
    await redis_queue.redis.flushall()
    await redis_queue.enqueue_speech("j", "a", 1)
    assert await redis_queue.redis.zscore(WAITING[SPEAK], "j") == 1000


async def test_a_job_that_was_not_taken_up_comes_back_to_its_turn(redis_queue: RedisQueue) -> None:
    for number in range(3):
        await redis_queue.enqueue_speech(f"a{number}", "a", 100)
        await redis_queue.enqueue_speech(f"b{number}", "b", 100)
    for _ in range(20):
        # Crowded: the worker lets it go, and the sweeper brings it back.
        await redis_queue.redis.zrem(WAITING[SPEAK], "a0")
        assert await redis_queue.enqueue_speech("a0", "a", 100)
    await redis_queue.enqueue_speech("a3", "a", 100)
    await redis_queue.enqueue_speech("b3", "b", 100)
    assert await order(redis_queue, 8) == ["a0", "b0", "a1", "b1", "a2", "b2", "a3", "b3"]


async def test_a_job_that_was_taken_up_pays_again(redis_queue: RedisQueue) -> None:
    await redis_queue.enqueue_speech("chapter", "a", 100)
    await redis_queue.enqueue_speech("other", "b", 100)
    for _ in range(3):
        assert await start_next(redis_queue) in ("chapter", "other")
        await spend_turn(redis_queue.redis, "chapter")
        await redis_queue.enqueue_speech("chapter", "a", 100)
    assert await redis_queue.redis.zscore(WAITING[SPEAK], "chapter") >= 1200
