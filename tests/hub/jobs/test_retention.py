"""How long texts and audio are kept is their owner's to say."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from hub.accounts import create_account
from hub.hub import Hub
from hub.jobs import cancel, claim, complete, retention
from hub.store.connection_tables import ConnectionRecord, InboundEvent
from hub.store.tables import Account, Delivery, Generation
from tests.hub.conftest import Clock
from tests.hub.jobs.orders import accepted, order, speech

DAY = 24 * 3600


async def keep(hub: Hub, account: Account, *, days: int | None = None, zero: bool = False) -> None:
    async with hub.database.transaction() as session:
        row = await session.get_one(Account, account.id)
        row.retention_days, row.zero_retention = days, zero


async def spoken(hub: Hub, account: Account, callback: str | None = None) -> str:
    generation = await accepted(hub, account, order(callback=callback))
    taken = await claim(hub, generation.id)
    assert taken is not None
    await complete(hub, taken, speech())
    return generation.id


async def row_of(hub: Hub, generation_id: str) -> Generation:
    async with hub.database.reading() as session:
        return await session.get_one(Generation, generation_id)


async def is_erased(hub: Hub, generation_id: str) -> bool:
    row = await row_of(hub, generation_id)
    return row.deleted_at is not None and row.text == "" and row.audio_key is None and row.words == []


async def test_without_a_wish_nothing_goes(store_hub: Hub, account: Account, clock: Clock) -> None:
    generation_id = await spoken(store_hub, account)
    clock.advance(4000 * DAY)
    assert await retention.sweep(store_hub) == 0
    assert not await is_erased(store_hub, generation_id)


async def test_days_are_counted_from_the_order(
    store_hub: Hub, account: Account, clock: Clock, tmp_path: Path
) -> None:
    await keep(store_hub, account, days=7)
    old = await spoken(store_hub, account)
    clock.advance(6 * DAY)
    young, waiting = await spoken(store_hub, account), await accepted(store_hub, account)
    assert await retention.sweep(store_hub) == 0
    clock.advance(DAY)
    assert await retention.sweep(store_hub) == 1
    assert await retention.sweep(store_hub) == 0
    assert [await is_erased(store_hub, each) for each in (old, young, waiting.id)] == [True, False, False]
    assert len([path for path in (tmp_path / "audio").rglob("*") if path.is_file()]) == 1
    clock.advance(30 * DAY)
    await retention.sweep(store_hub)
    assert not await is_erased(store_hub, waiting.id), "what has not ended yet is not erased"


async def test_zero_retention_waits_for_the_first_link_and_for_deliveries(
    store_hub: Hub, account: Account, clock: Clock
) -> None:
    await keep(store_hub, account, zero=True)
    plain = await spoken(store_hub, account)
    told = await spoken(store_hub, account, callback="https://shop.example/hook")
    given_up = (await accepted(store_hub, account)).id
    await cancel(store_hub, account.id, given_up)
    assert await retention.sweep(store_hub) == 1
    assert await is_erased(store_hub, given_up)
    clock.advance(store_hub.settings.link_lifetime)
    assert await retention.sweep(store_hub) == 1
    assert [await is_erased(store_hub, each) for each in (plain, told)] == [True, False]
    async with store_hub.database.transaction() as session:
        await session.run_sync(lambda sync: sync.query(Delivery).update({"status": "delivered"}))
    assert await retention.sweep(store_hub) == 1
    assert await is_erased(store_hub, told)


@pytest.mark.parametrize("zero", [False, True])
async def test_one_account_does_not_decide_for_another(
    store_hub: Hub, account: Account, clock: Clock, zero: bool
) -> None:

    async with store_hub.database.transaction() as session:
        other = await create_account(
            session, email="b@example.com", now=store_hub.now(), secrets=store_hub.secrets
        )
    await keep(store_hub, other, days=None if zero else 1, zero=zero)
    kept = await spoken(store_hub, account)
    clock.advance(100 * DAY)
    assert await retention.sweep(store_hub) == 0
    assert not await is_erased(store_hub, kept)


async def test_the_events_of_connections_are_emptied_by_the_same_rule(
    store_hub: Hub, account: Account, clock: Clock
) -> None:
    await keep(store_hub, account, days=7)
    async with store_hub.database.transaction() as session:
        session.add(
            ConnectionRecord(
                id="c", account_id=account.id, connector="shop", name="Shop", credentials="", hook_secrets="",
                options={}, status="live", created_at=clock(),
            )
        )  # fmt: skip
        await session.flush()
        for name, verdict in (("read", "ignored"), ("unread", "waiting")):
            session.add(
                InboundEvent(
                    id=name, connection_id="c", delivery_id=name, payload=b"words", headers={"a": "b"},
                    verdict=verdict, received_at=clock(),
                )
            )  # fmt: skip
    clock.advance(7 * DAY - 1)
    await retention.sweep(store_hub)
    assert await payloads(store_hub) == {"read": b"words", "unread": b"words"}
    clock.advance(1)
    await retention.sweep(store_hub)
    assert await payloads(store_hub) == {"read": b"", "unread": b"words"}


async def payloads(hub: Hub) -> dict[str, bytes]:
    async with hub.database.reading() as session:
        rows = await session.execute(select(InboundEvent.id, InboundEvent.payload))
        return {name: bytes(payload) for name, payload in rows}
