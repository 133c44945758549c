"""Days are days in UTC, on both databases, whatever the server's own zone is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text

from hub.hub import Hub
from hub.jobs import complete
from hub.money.usage import SpentDay, spent_by_day
from hub.store.tables import Account
from tests.hub.conftest import Clock
from tests.hub.jobs.orders import accepted, claimed, speech


async def test_spent_by_day(store_hub: Hub, account: Account, clock: Clock) -> None:
    clock.instant = datetime(2026, 5, 3, 23, 59, 59, tzinfo=UTC)
    for seconds in (0, 2, 2 * 86_400):
        clock.advance(seconds)
        await complete(store_hub, await claimed(store_hub, account), speech())
    await accepted(store_hub, account)  # held, not spent
    async with store_hub.database.reading() as session:
        if not store_hub.database.is_sqlite:
            await session.execute(text("SET TIME ZONE 'Pacific/Kiritimati'"))
        days = await spent_by_day(session, account.id, since=clock() - timedelta(days=30))
        recent = await spent_by_day(session, account.id, since=clock() - timedelta(days=1))
        nobodys = await spent_by_day(session, "nobody", since=clock() - timedelta(days=30))
    assert days == [
        SpentDay(date(2026, 5, 3), 1, 50),
        SpentDay(date(2026, 5, 4), 1, 50),
        SpentDay(date(2026, 5, 6), 1, 50),
    ]
    assert recent == days[2:]
    assert nobodys == []
