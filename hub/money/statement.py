"""The ledger as its owner reads it: each line with the balance after it, and the same as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.instants import rfc3339
from hub.store.tables import LedgerEntry

COLUMNS = ("time", "entry", "kind", "generation_id", "credits", "held", "balance", "note")
_CSV_ROWS_AT_ONCE = 1000
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Line:
    """One movement. `balance` is what was free to spend after it."""

    id: int
    at: datetime
    kind: str
    generation_id: str | None
    credits: int
    held: int
    balance: int
    note: str


@dataclass(frozen=True, slots=True)
class StatementPage:
    """Newest first; `before` asks for the page after this one and is None on the last."""

    lines: Sequence[Line]
    before: int | None


async def statement(
    session: AsyncSession, account_id: str, *, limit: int = 50, before: int | None = None
) -> StatementPage:
    """Lines older than the line `before`."""
    lines = _lines(account_id).subquery()
    chosen: Select[Any] = select(lines).order_by(lines.c.id.desc()).limit(limit + 1)
    if before is not None:
        chosen = chosen.where(lines.c.id < before)
    found = [_line(row) for row in (await session.execute(chosen)).all()]
    return StatementPage(found[:limit], found[limit - 1].id if len(found) > limit else None)


async def as_csv(session: AsyncSession, account_id: str) -> AsyncIterator[str]:
    """Every line, oldest first, under the names of COLUMNS; the sums of `credits` and `held` are the
    account's own. A note that a spreadsheet would run as a formula is quoted with an apostrophe."""
    yield _row(COLUMNS)
    rows = await session.stream(
        _lines(account_id).order_by(LedgerEntry.id).execution_options(yield_per=_CSV_ROWS_AT_ONCE)
    )
    async for row in rows:
        line = _line(row)
        yield _row(
            (
                rfc3339(line.at),
                line.id,
                line.kind,
                line.generation_id or "",
                line.credits,
                line.held,
                line.balance,
                f"'{line.note}" if line.note.startswith(_FORMULA_STARTS) else line.note,
            )
        )


def _lines(account_id: str) -> Select[int, datetime, str, str | None, int, int, int, str]:
    balance = func.sum(LedgerEntry.credits).over(order_by=LedgerEntry.id)
    return select(
        LedgerEntry.id,
        LedgerEntry.created_at,
        LedgerEntry.kind,
        LedgerEntry.generation_id,
        LedgerEntry.credits,
        LedgerEntry.held,
        balance.label("balance"),
        LedgerEntry.note,
    ).where(LedgerEntry.account_id == account_id)


def _line(row: Sequence[Any]) -> Line:
    return Line(*row)


def _row(values: Sequence[object]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(values)
    return written.getvalue()
