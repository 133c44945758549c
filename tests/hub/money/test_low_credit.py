from __future__ import annotations

from datetime import datetime

import pytest

from hub.accounts import find_account
from hub.errors import Unprocessable
from hub.hub import Hub
from hub.jobs import complete
from hub.money import grant, hold, release, settle
from hub.money.low_credit import LowCredit, fall, set_threshold
from hub.store.tables import Account
from tests.hub.jobs.orders import claimed, speech


async def spend(hub: Hub, account: Account, job: str, credits: int) -> LowCredit | None:
    """What a worker's last transaction does with the credits of a job."""
    async with hub.database.transaction() as session:
        await hold(session, account_id=account.id, generation_id=job, credits=credits, now=hub.now())
        assert await fall(session, account.id, hub.now()) is None, "held is not spent"
        await settle(session, generation_id=job, now=hub.now())
        return await fall(session, account.id, hub.now())


async def top_up(hub: Hub, account: Account, credits: int) -> None:
    async with hub.database.transaction() as session:
        await grant(session, account_id=account.id, credits=credits, note="", now=hub.now())


async def low_since(hub: Hub, account: Account) -> datetime | None:
    async with hub.database.reading() as session:
        return (await find_account(session, account.id)).low_credit_at


async def test_it_is_told_once_and_again_after_the_balance_rose(store_hub: Hub, account: Account) -> None:
    assert await spend(store_hub, account, "a", 400) is None, "100 are not below 100"
    assert await spend(store_hub, account, "b", 50) == LowCredit(account.id, 50, 100, store_hub.now())
    assert await low_since(store_hub, account) == store_hub.now()
    assert await spend(store_hub, account, "c", 10) is None
    await top_up(store_hub, account, 20)
    assert await spend(store_hub, account, "d", 1) is None, "it never rose above"
    await top_up(store_hub, account, 500)
    assert await low_since(store_hub, account) is None
    assert await spend(store_hub, account, "e", 500) is not None


async def test_a_job_that_fails_warns_of_nothing(store_hub: Hub, account: Account) -> None:
    async with store_hub.database.transaction() as session:
        await hold(session, account_id=account.id, generation_id="a", credits=450, now=store_hub.now())
        await release(session, generation_id="a", note="failed", now=store_hub.now())
        assert await fall(session, account.id, store_hub.now()) is None


async def test_the_owner_chooses_the_threshold(store_hub: Hub, account: Account) -> None:
    async with store_hub.database.transaction() as session:
        low = await set_threshold(session, account.id, 600, store_hub.now())
        assert low is not None
        assert low.payload() == {
            "account_id": account.id,
            "credits": 500.0,
            "threshold": 600.0,
            "at": "2026-05-03T12:00:00.000Z",
        }
        assert await set_threshold(session, account.id, 0, store_hub.now()) is None
    assert await low_since(store_hub, account) is None
    assert await spend(store_hub, account, "a", 500) is None, "0 never warns"
    with pytest.raises(Unprocessable, match="from 0 to 1000000"):
        async with store_hub.database.transaction() as session:
            await set_threshold(session, account.id, -1, store_hub.now())


async def test_a_finished_generation_warns_with_its_settlement(
    store_hub: Hub, account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    async with store_hub.database.transaction() as session:
        assert await set_threshold(session, account.id, 500, store_hub.now()) is None
    await complete(store_hub, await claimed(store_hub, account), speech())
    assert await low_since(store_hub, account) == store_hub.now()
    assert f"credits.low: account {account.id} has 450 credits left" in caplog.text
