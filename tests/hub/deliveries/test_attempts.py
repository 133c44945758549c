"""Deliveries in the record, on both databases: due, taken by one, tried, done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.deliveries.attempts import Leased, destination, due, lease, record_attempt
from hub.hub import Hub
from hub.jobs import cancel
from hub.store.tables import Account, Delivery, DeliveryAttempt
from tests.hub.conftest import Clock
from tests.hub.jobs.orders import accepted, order
from webhooks.values import Attempt, Outcome

URL = "https://example.com/done"


async def written(hub: Hub, account: Account) -> str:
    generation = await accepted(hub, account, order(callback=URL))
    await cancel(hub, account.id, generation.id)
    async with hub.database.reading() as session:
        chosen = select(Delivery.id).where(Delivery.generation_id == generation.id)
        return (await session.scalars(chosen)).one()


async def taken(hub: Hub, delivery_id: str) -> Leased | None:
    async with hub.database.transaction() as session:
        return await lease(session, delivery_id, hub.now(), 45)


async def tried(hub: Hub, leased: Leased, status: int, outcome: Outcome) -> Delivery:
    attempt = Attempt(hub.now(), status, 12, "e" * 400, "r" * 5000, outcome)
    async with hub.database.transaction() as session:
        await record_attempt(session, leased, attempt, lambda low, high: 1.0)
    return await row(hub, leased.id)


async def row(hub: Hub, delivery_id: str) -> Delivery:
    async with hub.database.reading() as session:
        found = await session.get(Delivery, delivery_id)
        assert found is not None
        return found


async def due_now(hub: Hub) -> list[str]:
    async with hub.database.reading() as session:
        return list(await due(session, hub.now(), 10))


async def test_a_due_delivery_is_taken_by_one(store_hub: Hub, account: Account, clock: Clock) -> None:
    delivery_id = await written(store_hub, account)
    assert await due_now(store_hub) == [delivery_id]
    leased = await taken(store_hub, delivery_id)
    assert leased
    assert (leased.id, leased.account_id, leased.url) == (delivery_id, account.id, URL)
    assert (leased.event, leased.attempts) == ("generation.cancelled", 0)
    assert await taken(store_hub, delivery_id) is None
    assert await due_now(store_hub) == []
    clock.advance(45)
    assert await due_now(store_hub) == [delivery_id], "whoever took it has died"
    assert await taken(store_hub, delivery_id)


async def test_the_longest_waiting_is_due_first(store_hub: Hub, account: Account, clock: Clock) -> None:
    first = await written(store_hub, account)
    clock.advance(1)
    second = await written(store_hub, account)
    assert await due_now(store_hub) == [first, second]


@pytest.mark.parametrize(
    ("status", "outcome", "becomes", "waits"),
    [
        (200, Outcome.DELIVERED, "delivered", None),
        (500, Outcome.RETRY, "waiting", 5),
        (410, Outcome.GONE, "failed", None),
        (200, Outcome.REFUSED, "failed", None),
    ],
)
async def test_each_outcome_moves_the_delivery(
    store_hub: Hub, account: Account, status: int, outcome: Outcome, becomes: str, waits: int | None
) -> None:
    leased = await taken(store_hub, await written(store_hub, account))
    assert leased
    after = await tried(store_hub, leased, status, outcome)
    assert (after.status, after.attempts, after.leased_until) == (becomes, 1, None)
    assert await due_now(store_hub) == []
    if waits is not None:
        assert after.next_at == store_hub.now() + timedelta(seconds=waits)


async def test_only_a_due_delivery_has_a_destination(store_hub: Hub, account: Account, clock: Clock) -> None:
    delivery_id = await written(store_hub, account)

    async def seen() -> str | None:
        async with store_hub.database.reading() as session:
            found = await destination(session, delivery_id, store_hub.now())
            return None if found is None else found.url

    assert await seen() == URL
    leased = await taken(store_hub, delivery_id)
    assert leased
    assert await seen() is None
    await tried(store_hub, leased, 500, Outcome.RETRY)
    assert await seen() is None
    clock.advance(5)
    assert await seen() == URL


async def test_of_two_overlapping_tries_the_first_to_end_is_recorded(
    store_hub: Hub, account: Account, clock: Clock
) -> None:
    delivery_id = await written(store_hub, account)
    stale = await taken(store_hub, delivery_id)
    clock.advance(45)
    fresh = await taken(store_hub, delivery_id)
    assert stale
    assert fresh
    await tried(store_hub, fresh, 200, Outcome.DELIVERED)
    assert (await tried(store_hub, stale, 500, Outcome.RETRY)).status == "delivered"
    async with store_hub.database.reading() as session:
        (entry,) = await session.scalars(select(DeliveryAttempt))
    assert (entry.status, len(entry.error or ""), len(entry.response or "")) == (200, 300, 4096)
