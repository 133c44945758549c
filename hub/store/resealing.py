"""Writing every encrypted value anew under the newest key, while the hub runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from sqlalchemy import Column, Table, and_, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from hub.secrets import Secrets
from hub.store.database import Database
from hub.store.schema import METADATA

_AT_A_TIME = 200


@dataclass(frozen=True, slots=True)
class Resealing:
    """How many values were written anew, were under the newest key, and can be read by no live key."""

    written: int = 0
    current: int = 0
    unreadable: int = 0

    def __add__(self, other: Resealing) -> Resealing:
        return Resealing(
            self.written + other.written, self.current + other.current, self.unreadable + other.unreadable
        )


async def reseal(database: Database, secrets: Secrets) -> Resealing:
    """Go through every sealed column. May be stopped and started again; a value that cannot be read stays."""
    total = Resealing()
    for table in METADATA.sorted_tables:
        sealed = [column for column in table.columns if column.info.get("sealed")]
        if sealed:
            total += await _reseal_table(database, secrets, table, sealed)
    return total


async def _reseal_table(
    database: Database, secrets: Secrets, table: Table, sealed: list[Column[Any]]
) -> Resealing:
    total, after = Resealing(), None
    keys = list(table.primary_key.columns)
    chosen = select(*keys, *sealed).where(or_(*(column.is_not(None) for column in sealed)))
    chosen = chosen.order_by(*keys).limit(_AT_A_TIME).with_for_update()
    while True:
        page = chosen if after is None else chosen.where(tuple_(*keys) > after)
        async with database.transaction() as session:
            rows = (await session.execute(page)).all()
            for row in rows:
                here = and_(*(key == value for key, value in zip(keys, row, strict=False)))
                values = dict(zip(sealed, row[len(keys) :], strict=True))
                total += await _reseal_row(session, secrets, table, here, values)
        if len(rows) < _AT_A_TIME:
            return total
        after = tuple(rows[-1][: len(keys)])


async def _reseal_row(
    session: AsyncSession, secrets: Secrets, table: Table, here: Any, values: dict[Column[Any], str | None]
) -> Resealing:
    fresh: dict[Column[Any], str] = {}
    current = unreadable = 0
    for column, value in values.items():
        if not value:
            continue  # a closed account keeps an empty one
        try:
            written = secrets.resealed(value)
        except InvalidToken:
            unreadable += 1
            continue
        if written is None:
            current += 1
        else:
            fresh[column] = written
    if fresh:
        await session.execute(update(table).where(here).values(fresh))
    return Resealing(len(fresh), current, unreadable)
