from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select

from hub.accounts import find_account
from hub.errors import InsufficientCredits, NotFound, Unprocessable
from hub.hub import Hub
from hub.money import grant, hold, release, settle
from hub.money.ledger import MOST_CREDITS
from hub.store.tables import Account, LedgerEntry


async def balance(hub: Hub, account: Account) -> tuple[int, int]:
    """The account's columns, which must equal the ledger's sums."""
    async with hub.database.reading() as session:
        row = await find_account(session, account.id)
        sums = await session.execute(
            select(func.sum(LedgerEntry.credits), func.sum(LedgerEntry.held)).where(
                LedgerEntry.account_id == account.id
            )
        )
        assert (row.credits, row.held) == tuple(sums.one())
        return row.credits, row.held


async def held(hub: Hub, account: Account, job: str, credits: int) -> None:
    async with hub.database.transaction() as session:
        await hold(session, account_id=account.id, generation_id=job, credits=credits, now=hub.now())


async def test_a_new_account_has_its_opening_credits(store_hub: Hub, account: Account) -> None:
    assert await balance(store_hub, account) == (500, 0)


async def test_a_hold_is_spent_by_settling_once(store_hub: Hub, account: Account) -> None:
    await held(store_hub, account, "job", 50)
    assert await balance(store_hub, account) == (450, 50)
    async with store_hub.database.transaction() as session:
        assert await settle(session, generation_id="job", now=store_hub.now()) == 50
        assert await settle(session, generation_id="job", now=store_hub.now()) == 0
        assert await release(session, generation_id="job", note="late", now=store_hub.now()) == 0
    assert await balance(store_hub, account) == (450, 0)


async def test_a_released_hold_comes_back_once(store_hub: Hub, account: Account) -> None:
    await held(store_hub, account, "job", 100)
    async with store_hub.database.transaction() as session:
        assert await release(session, generation_id="job", note="failed", now=store_hub.now()) == 100
        assert await release(session, generation_id="job", note="failed", now=store_hub.now()) == 0
        assert await settle(session, generation_id="job", now=store_hub.now()) == 0
    assert await balance(store_hub, account) == (500, 0)


async def test_closing_what_was_never_held_moves_nothing(store_hub: Hub, account: Account) -> None:
    async with store_hub.database.transaction() as session:
        assert await settle(session, generation_id="unknown", now=store_hub.now()) == 0
    assert await balance(store_hub, account) == (500, 0)


async def test_a_hold_above_the_balance_is_refused_and_names_both(store_hub: Hub, account: Account) -> None:
    with pytest.raises(InsufficientCredits, match="Insufficient credits: this request costs 501 and 500"):
        await held(store_hub, account, "job", 501)
    assert await balance(store_hub, account) == (500, 0)


async def test_parallel_holds_never_overdraw(store_hub: Hub, account: Account) -> None:
    outcomes = await asyncio.gather(
        *(held(store_hub, account, f"job-{number}", 50) for number in range(16)), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, InsufficientCredits)]
    assert len(refused) == 6
    assert outcomes.count(None) == 10
    assert await balance(store_hub, account) == (0, 500)


@pytest.mark.parametrize("credits", [0, -5, MOST_CREDITS + 1])
async def test_a_grant_must_be_positive_and_of_this_world(
    store_hub: Hub, account: Account, credits: int
) -> None:
    with pytest.raises(Unprocessable, match="from 1 to 100,000,000"):
        async with store_hub.database.transaction() as session:
            await grant(session, account_id=account.id, credits=credits, note="", now=store_hub.now())
    assert await balance(store_hub, account) == (500, 0)


async def test_no_balance_outgrows_its_column(store_hub: Hub, account: Account) -> None:
    now = store_hub.now()
    async with store_hub.database.transaction() as session:
        for _ in range(19):
            await grant(session, account_id=account.id, credits=MOST_CREDITS, note="", now=now)
        with pytest.raises(Unprocessable, match="balance above 2,000,000,000"):
            await grant(session, account_id=account.id, credits=MOST_CREDITS, note="", now=now)
    assert await balance(store_hub, account) == (1_900_000_500, 0)


async def test_a_grant_needs_an_account(store_hub: Hub, account: Account) -> None:
    with pytest.raises(NotFound):
        async with store_hub.database.transaction() as session:
            await grant(session, account_id="nobody", credits=5, note="", now=store_hub.now())
