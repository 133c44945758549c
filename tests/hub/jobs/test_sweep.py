from __future__ import annotations

from pathlib import Path

from hub.accounts import create_account
from hub.hub import Hub
from hub.jobs import claim, complete, fail, sweep
from hub.money import grant
from hub.store.tables import Account, Generation
from tests.hub.conftest import Clock, LostQueue
from tests.hub.jobs.orders import accepted, claimed, order, speech
from tests.hub.jobs.test_accept import files
from tests.hub.jobs.test_end import events, row
from tests.hub.money.test_ledger import balance


async def test_a_forgotten_job_is_enqueued_again(
    store_hub: Hub, account: Account, queue: LostQueue, clock: Clock
) -> None:
    generation = await accepted(store_hub, account)
    queue.speech.clear()
    await sweep(store_hub)
    assert queue.speech == [], "a job just accepted is left to its own enqueuing"
    clock.advance(10)
    await sweep(store_hub)
    assert queue.speech == [generation.id]


async def test_the_job_of_a_dead_worker_waits_again(
    store_hub: Hub, account: Account, queue: LostQueue, clock: Clock
) -> None:
    taken = await claimed(store_hub, account)
    clock.advance(29)
    assert (await sweep(store_hub)).put_back == 0
    clock.advance(2)
    queue.speech.clear()
    assert (await sweep(store_hub)).put_back == 1
    assert queue.speech == [taken.id]
    assert (await row(store_hub, account, taken.id)).status == "queued"
    assert (await sweep(store_hub)).put_back == 0


async def test_a_job_that_killed_three_workers_fails_and_costs_nothing(
    store_hub: Hub, account: Account, queue: LostQueue, clock: Clock, tmp_path: Path
) -> None:
    what = order(reference=b"sound", callback="https://example.com/done")
    generation = await accepted(store_hub, account, what)
    for _ in range(3):
        assert await claim(store_hub, generation.id) is not None
        clock.advance(31)
        report = await sweep(store_hub)
    assert report.given_up == 1
    assert files(tmp_path) == [], "the recording has served"
    failed = await row(store_hub, account, generation.id)
    assert (failed.status, failed.error_code) == ("failed", "worker_lost")
    assert await balance(store_hub, account) == (500, 0)
    assert await events(store_hub) == ["generation.failed"]
    assert len(queue.deliveries) == 1


async def test_a_job_waiting_for_its_next_try_is_left_alone(
    store_hub: Hub, account: Account, queue: LostQueue, clock: Clock
) -> None:
    taken = await claimed(store_hub, account)
    clock.advance(20)
    await fail(store_hub, taken, code="x", message="again", retryable=True)
    queue.speech.clear()
    await sweep(store_hub)
    assert queue.speech == []
    clock.advance(3)
    await sweep(store_hub)
    assert queue.speech == [taken.id]


async def test_a_job_that_no_worker_comes_for_ends_and_costs_nothing(
    store_hub: Hub, account: Account, queue: LostQueue, clock: Clock, tmp_path: Path
) -> None:
    job = await accepted(store_hub, account, order(reference=b"RIFF", callback="https://example.com/done"))
    clock.advance(72 * 3600 - 1)
    assert (await sweep(store_hub)).expired == 0
    clock.advance(1)
    assert (await sweep(store_hub)).expired == 1
    ended = await row(store_hub, account, job.id)
    assert (ended.status, ended.error_code) == ("failed", "expired")
    assert ended.error_message == "It was not spoken within 72 hours. You were not charged."
    assert await balance(store_hub, account) == (500, 0)
    assert await events(store_hub) == ["generation.failed"]
    assert len(queue.deliveries) == 1
    assert files(tmp_path) == [], "the recording is not kept"


async def test_files_that_an_interrupted_deletion_left_are_dropped(
    store_hub: Hub, account: Account, clock: Clock, tmp_path: Path
) -> None:
    taken = await claimed(store_hub, account)
    await complete(store_hub, taken, speech())
    async with store_hub.database.transaction() as session:  # the process died right after this commit
        (await session.get_one(Generation, taken.id)).deleted_at = store_hub.now()
    assert (await sweep(store_hub)).files_dropped == 1
    assert files(tmp_path) == []
    assert (await sweep(store_hub)).files_dropped == 0


async def test_accounts_are_reminded_of_in_turn(
    store_hub: Hub, account: Account, queue: LostQueue, clock: Clock
) -> None:
    """After a flush, one account's many old jobs do not stand before another's only one."""
    async with store_hub.database.transaction() as session:
        await grant(session, account_id=account.id, credits=1000, note="", now=clock())
        other = await create_account(
            session, email="other@example.com", now=clock(), secrets=store_hub.secrets
        )
    many = [(await accepted(store_hub, account)).id for _ in range(8)]
    clock.advance(1)
    lone = (await accepted(store_hub, other)).id
    clock.advance(10)
    queue.speech.clear()
    await sweep(store_hub)
    assert set(queue.speech[:2]) == {queue.speech[0], lone}
    assert sorted(queue.speech) == sorted([*many, lone])
