"""Several deliver workers over one PostgreSQL: none has to give way to another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlalchemy import text as sql

from hub import jobs
from hub.deliveries.sending import DeliverJob
from hub.hub import Hub, open_hub
from hub.store.hook_tables import HookSubscription
from hub.store.tables import Delivery
from hub.subscriptions.hooks import NewHook, subscribe, unsubscribe
from tests.hub.running import RunningHub, quick_settings
from tests.hub.subscriptions.builder import Builder, Heard, running_builder
from tests.hub.worker.speakers import scripted_speech
from tests.postgres import new_database
from webhooks.circuit import Rules
from webhooks.guard import open_client, policy_for
from webhooks.pacing import Pace
from webhooks.traffic import Traffic

HOOKS, COMPLETIONS, WORKERS = 6, 12, 2


@pytest_asyncio.fixture
async def running(
    tmp_path: Path, redis_url: str, postgres_server: str, postgres_template: str
) -> AsyncIterator[RunningHub]:
    url = new_database(postgres_server, template=postgres_template)
    async with open_hub(quick_settings(tmp_path, redis_url, database_url=url)) as hub:
        yield RunningHub(hub)


@pytest_asyncio.fixture
async def builder() -> AsyncIterator[Builder]:
    async with running_builder() as running:
        yield running


async def completed(running: RunningHub, account_id: str) -> list[str]:
    claim = await jobs.claim(running.hub, await running.order(account_id, "say 0.1"))
    assert claim is not None
    return await jobs.complete(running.hub, claim, scripted_speech(claim.request, 0.1))


async def worked(hub: Hub, ids: list[str]) -> None:
    """One worker's tries of all of them, at once."""
    traffic = Traffic(rules=Rules(calls=10**9), all_at_once=10**6)
    async with open_client(policy_for(allow_private=True)) as client:
        job = DeliverJob(hub, client, traffic=traffic, builder_pace=Pace(1e6, 10**6, at_once=10**6))
        await asyncio.gather(*(job.run({"job_id": one}) for one in ids))


async def test_workers_that_record_at_the_same_time_never_stand_in_each_others_way(
    running: RunningHub, builder: Builder, caplog: pytest.LogCaptureFixture
) -> None:
    hub, random = running.hub, Random(5)
    account_id = await running.account()
    made = [await subscribe(hub, account_id, NewHook(f"{builder.url}/{number}/")) for number in range(HOOKS)]
    ids = [one for _ in range(COMPLETIONS) for one in await completed(running, account_id)]

    def judge(one: Heard) -> int:
        return random.choice([200, 200, 500])

    builder.judge = judge
    caplog.set_level(logging.WARNING)
    each = [random.sample(ids, len(ids)) for _ in range(WORKERS)]
    await asyncio.gather(*(worked(hub, some) for some in each), unsubscribe(hub, account_id, made[0].id))
    assert caplog.messages == []
    async with hub.database.reading() as session:
        chosen = select(Delivery.status, Delivery.attempts, HookSubscription.id)
        rows = (
            await session.execute(chosen.join(HookSubscription, HookSubscription.id == Delivery.hook_id))
        ).all()
    assert len(rows) == (HOOKS - 1) * COMPLETIONS
    assert {attempts for _, attempts, _ in rows} == {1}


async def test_one_target_subscribed_many_times_at_once_is_one_hook(
    running: RunningHub, builder: Builder
) -> None:
    account_id = await running.account()
    asked = NewHook(f"{builder.url}/1/")
    made = await asyncio.gather(*(subscribe(running.hub, account_id, asked) for _ in range(8)))
    assert len({hook.id for hook in made}) == 1


async def test_a_success_waits_for_nobody_who_holds_its_hook(running: RunningHub, builder: Builder) -> None:
    account_id = await running.account()
    hook = await subscribe(running.hub, account_id, NewHook(f"{builder.url}/1/"))
    (delivery_id,) = await completed(running, account_id)
    async with running.hub.database.transaction() as holding:
        await holding.execute(
            sql("SELECT 1 FROM hook_subscriptions WHERE id = :id FOR UPDATE"), {"id": hook.id}
        )
        await asyncio.wait_for(worked(running.hub, [delivery_id]), 10)
    async with running.hub.database.reading() as session:
        assert (await session.get_one(Delivery, delivery_id)).status == "delivered"
