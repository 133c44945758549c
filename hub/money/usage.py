"""What was spent, day by day and door by door, read from the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.store.tables import Generation, LedgerEntry

ERASED = "erased"


@dataclass(frozen=True, slots=True)
class SpentDay:
    """Generations settled on one day, in UTC, and the credits they cost."""

    date: date
    generations: int
    credits: int


@dataclass(frozen=True, slots=True)
class SpentOnSource:
    """The same for the generations that came by one door, e.g. `api` or a connector's name."""

    date: date
    source: str
    generations: int
    credits: int


async def spent_by_day(session: AsyncSession, account_id: str, *, since: datetime) -> list[SpentDay]:
    """Days with settled generations since an instant, oldest first."""
    day = _day(session)
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


async def spent_by_source(session: AsyncSession, account_id: str, *, since: datetime) -> list[SpentOnSource]:
    """Oldest day first. What was spent on a generation that is no longer in the record came by `erased`."""
    day = _day(session)
    source = func.coalesce(Generation.source, ERASED)
    chosen = (
        select(day, source, func.count(), func.sum(-LedgerEntry.held))
        .outerjoin(Generation, Generation.id == LedgerEntry.generation_id)
        .where(
            LedgerEntry.account_id == account_id,
            LedgerEntry.kind == "settle",
            LedgerEntry.created_at >= since,
        )
        .group_by(day, source)
        .order_by(day, source)
    )
    rows = (await session.execute(chosen)).all()
    return [
        SpentOnSource(_as_date(when), door, int(count), int(credits)) for when, door, count, credits in rows
    ]


def _day(session: AsyncSession) -> ColumnElement[Any]:
    if session.get_bind().dialect.name == "postgresql":
        return func.date(func.timezone("UTC", LedgerEntry.created_at))
    return func.date(LedgerEntry.created_at)


def _as_date(value: date | str) -> date:
    """SQLite answers with text, PostgreSQL with a date."""
    return date.fromisoformat(value) if isinstance(value, str) else value
