"""What was spent, day by day, read from the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.store.tables import LedgerEntry


@dataclass(frozen=True, slots=True)
class SpentDay:
    """Generations settled on one day, in UTC, and the credits they cost."""

    date: date
    generations: int
    credits: int


async def spent_by_day(session: AsyncSession, account_id: str, *, since: datetime) -> list[SpentDay]:
    """Days with settled generations since an instant, oldest first."""
    day = func.date(LedgerEntry.created_at)
    if session.get_bind().dialect.name == "postgresql":
        day = func.date(func.timezone("UTC", LedgerEntry.created_at))
    chosen = (
        select(day, func.count(), func.sum(-LedgerEntry.held))
        .where(
            LedgerEntry.account_id == account_id,
            LedgerEntry.kind == "settle",
            LedgerEntry.created_at >= since,
        )
        .group_by(day)
        .order_by(day)
    )
    rows = (await session.execute(chosen)).all()
    return [SpentDay(_as_date(when), int(count), int(credits)) for when, count, credits in rows]


def _as_date(value: date | str) -> date:
    """SQLite answers with text, PostgreSQL with a date."""
    return date.fromisoformat(value) if isinstance(value, str) else value
