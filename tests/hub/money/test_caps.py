"""A key spends no more than it may, whoever else spends and however many requests come at once."""

from __future__ import annotations

import asyncio

import pytest

from hub.accounts import create_key
from hub.errors import KeyCapReached, Unprocessable
from hub.hub import Hub
from hub.jobs import accept, cancel
from hub.money import grant
from hub.store.tables import Account
from tests.hub.conftest import Clock
from tests.hub.jobs.orders import order
from tests.hub.money.test_ledger import balance

DAY = 24 * 3600


async def capped_key(hub: Hub, account: Account, *, day: int | None = None, month: int | None = None) -> str:
    async with hub.database.transaction() as session:
        await grant(session, account_id=account.id, credits=9500, note="test", now=hub.now())
        made = await create_key(
            session,
            account_id=account.id,
            name="capped",
            now=hub.now(),
            credits_per_day=day,
            credits_per_month=month,
        )
    return made.id


async def test_a_cap_holds_for_its_key_and_its_day(store_hub: Hub, account: Account, clock: Clock) -> None:
    key = await capped_key(store_hub, account, day=120)

    async def spend(key_id: str | None) -> str:
        accepted = await accept(store_hub, order(), account_id=account.id, api_key_id=key_id)
        assert accepted.generation is not None
        return accepted.generation.id

    first, _ = await spend(key), await spend(key)
    with pytest.raises(KeyCapReached, match="120 credits a day"):
        await spend(key)
    assert await balance(store_hub, account) == (9900, 100)
    await spend(None)
    await cancel(store_hub, account.id, first)
    await spend(key)
    clock.advance(DAY)
    await spend(key)


async def test_a_month_begins_anew(store_hub: Hub, account: Account, clock: Clock) -> None:
    key = await capped_key(store_hub, account, month=50)
    await accept(store_hub, order(), account_id=account.id, api_key_id=key)
    clock.advance(20 * DAY)
    with pytest.raises(KeyCapReached, match="50 credits a month"):
        await accept(store_hub, order(), account_id=account.id, api_key_id=key)
    clock.advance(12 * DAY)
    await accept(store_hub, order(), account_id=account.id, api_key_id=key)


async def test_requests_at_once_cannot_share_what_is_left(store_hub: Hub, account: Account) -> None:
    key = await capped_key(store_hub, account, day=150)
    asked = [accept(store_hub, order(), account_id=account.id, api_key_id=key) for _ in range(8)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(answer, KeyCapReached) for answer in answers) == 5
    assert await balance(store_hub, account) == (9850, 150)


@pytest.mark.parametrize("cap", [0, -5, 10**12])
async def test_a_cap_is_a_sensible_number(store_hub: Hub, account: Account, cap: int) -> None:
    with pytest.raises(Unprocessable, match="whole number"):
        await capped_key(store_hub, account, day=cap)
