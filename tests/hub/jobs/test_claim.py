from __future__ import annotations

import asyncio

from hub.hub import Hub
from hub.jobs import beat, cancel, claim
from hub.store.tables import Account
from tests.hub.conftest import Clock, LostQueue
from tests.hub.jobs.orders import accepted, claimed, order


async def test_a_claim_carries_the_request_with_its_reference(store_hub: Hub, account: Account) -> None:
    taken = await claimed(store_hub, account, order("Hello.", reference=b"sound"))
    assert (taken.request.text, taken.request.reference, taken.run) == ("Hello.", b"sound", 1)


async def test_only_one_of_many_workers_gets_the_job(store_hub: Hub, account: Account) -> None:
    generation = await accepted(store_hub, account)
    outcomes = await asyncio.gather(*(claim(store_hub, generation.id) for _ in range(8)))
    assert sum(outcome is not None for outcome in outcomes) == 1


async def test_a_living_worker_keeps_its_job_and_a_silent_one_loses_it(
    store_hub: Hub, account: Account, clock: Clock
) -> None:
    first = await claimed(store_hub, account)
    clock.advance(20)
    assert await beat(store_hub, first.id, first.run, 0.5)
    clock.advance(20)
    assert await claim(store_hub, first.id) is None
    clock.advance(11)
    second = await claim(store_hub, first.id)
    assert second is not None
    assert (second.run, second.tries) == (2, 2)
    assert not await beat(store_hub, first.id, first.run, 0.9)
    assert await beat(store_hub, second.id, second.run, 0.1)


async def test_a_cancelled_job_is_told_so_at_the_next_beat(store_hub: Hub, account: Account) -> None:
    taken = await claimed(store_hub, account)
    await cancel(store_hub, account.id, taken.id)
    assert not await beat(store_hub, taken.id, taken.run, 0.5)


async def test_nothing_to_claim(store_hub: Hub, account: Account) -> None:
    taken = await claimed(store_hub, account)
    await cancel(store_hub, account.id, taken.id)
    assert await claim(store_hub, taken.id) is None
    assert await claim(store_hub, "unknown") is None


async def test_an_account_runs_no_more_at_once_than_its_plan_allows(
    store_hub: Hub, account: Account, queue: LostQueue
) -> None:
    generations = [await accepted(store_hub, account) for _ in range(3)]
    taken = [await claim(store_hub, generation.id) for generation in generations]
    assert [one is not None for one in taken] == [True, True, False]
    assert await claim(store_hub, generations[2].id) is None
    queue.speech.clear()
    await cancel(store_hub, account.id, generations[0].id)
    assert queue.speech == [generations[2].id], "the end of one calls the next"
    assert await claim(store_hub, generations[2].id) is not None


async def test_many_workers_at_the_same_moment_keep_to_the_limit_too(
    store_hub: Hub, account: Account
) -> None:
    generations = [await accepted(store_hub, account) for _ in range(8)]
    taken = await asyncio.gather(*(claim(store_hub, generation.id) for generation in generations))
    assert sum(one is not None for one in taken) == 2
