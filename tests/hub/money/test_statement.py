"""The ledger as its owner reads it, on both databases."""

from __future__ import annotations

import csv

from hub.accounts import find_account
from hub.hub import Hub
from hub.jobs import cancel, complete
from hub.money import grant
from hub.money.statement import COLUMNS, as_csv, statement
from hub.money.usage import ERASED, SpentOnSource, spent_by_source
from hub.store.tables import Account, Generation
from tests.hub.conftest import Clock
from tests.hub.jobs.orders import accepted, claimed, order, speech


async def spend_and_cancel(hub: Hub, account: Account) -> None:
    """A finished clone, a cancelled design, a running design, and credits bought."""
    await complete(hub, await claimed(hub, account, order(reference=b"r")), speech())
    await cancel(hub, account.id, (await accepted(hub, account)).id)
    await accepted(hub, account)
    async with hub.database.transaction() as session:
        await grant(session, account_id=account.id, credits=25, note="=1+1", now=hub.now())


async def test_every_line_has_the_balance_after_it(store_hub: Hub, account: Account) -> None:
    await spend_and_cancel(store_hub, account)
    async with store_hub.database.reading() as session:
        newest = await statement(session, account.id, limit=4)
        oldest = await statement(session, account.id, limit=4, before=newest.before)
    lines = [*newest.lines, *oldest.lines]
    assert [(line.kind, line.credits, line.held, line.balance) for line in lines] == [
        ("grant", 25, 0, 375),
        ("hold", -50, 50, 350),
        ("release", 50, -50, 400),
        ("hold", -50, 50, 350),
        ("settle", 0, -100, 400),
        ("hold", -100, 100, 400),
        ("grant", 500, 0, 500),
    ]
    assert oldest.before is None


async def test_the_csv_is_the_ledger_and_its_sums_are_the_account(store_hub: Hub, account: Account) -> None:
    await spend_and_cancel(store_hub, account)
    async with store_hub.database.reading() as session:
        written = "".join([row async for row in as_csv(session, account.id)])
        owner = await find_account(session, account.id)
        ledger = (await statement(session, account.id)).lines
    rows = list(csv.DictReader(written.splitlines()))
    assert tuple(rows[0]) == COLUMNS
    assert [int(row["entry"]) for row in rows] == [line.id for line in reversed(ledger)]
    assert sum(int(row["credits"]) for row in rows) == owner.credits == int(rows[-1]["balance"])
    assert sum(int(row["held"]) for row in rows) == owner.held
    assert rows[-1]["note"] == "'=1+1", "a spreadsheet must not run what a note says"
    assert rows[0]["time"] == "2026-05-03T12:00:00.000Z"


async def test_spending_is_told_by_day_and_door(store_hub: Hub, account: Account, clock: Clock) -> None:
    start = clock()
    for _ in range(2):
        await complete(store_hub, await claimed(store_hub, account), speech())
    clock.advance(86_400)
    gone = await claimed(store_hub, account, order(reference=b"r"))
    await complete(store_hub, gone, speech())
    async with store_hub.database.transaction() as session:
        await session.delete(await session.get_one(Generation, gone.id))
    async with store_hub.database.reading() as session:
        spent = await spent_by_source(session, account.id, since=start)
    assert spent == [
        SpentOnSource(start.date(), "api", 2, 100),
        SpentOnSource(clock().date(), ERASED, 1, 100),
    ]
