"""Counting who could not show who they are: in memory, and on disk at most once a second.

Whoever is refused gets their answer at once. Someone who sends nonsense by the thousand then costs the
database a transaction a second, and no honest delivery waits behind theirs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection, inspect, select
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql, sqlite

from hub.hub import Hub
from hub.store.connection_tables import ConnectionRecord, Refusal

SECONDS: Final = 1.0
"""How long one count waits for the next; the first is written at once."""

_REFUSALS: SqlTable = inspect(Refusal).local_table  # type: ignore[assignment]  # a mapped class has a table

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Refused:
    """A delivery whose sender is not known."""

    connection_id: str
    reason: str
    sentence: str
    at: datetime


@dataclass(slots=True)
class _Tally:
    count: int
    first: Refused
    last: Refused


_Counts = dict[tuple[str, str], _Tally]


class Refusals:
    """One process's counts. `close` writes what is still in memory."""

    def __init__(self, hub: Hub, *, seconds: float = SECONDS) -> None:
        self._hub = hub
        self._seconds = seconds
        self._counts: _Counts = {}
        self._writer: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def count(self, refused: Refused) -> None:
        key = (refused.connection_id, refused.reason)
        tally = self._counts.setdefault(key, _Tally(0, refused, refused))
        tally.count, tally.last = tally.count + 1, refused
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_on())

    async def close(self) -> None:
        self._closing.set()
        if self._writer is not None:
            await self._writer
        await self._write()

    async def _write_on(self) -> None:
        while self._counts:
            await self._write()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), self._seconds)

    async def _write(self) -> None:
        counts, self._counts = self._counts, {}
        if not counts:
            return
        try:
            await self._hub.database.write(partial(_add, counts=counts))
        except Exception as error:
            log.error("refusals_not_counted", count=len(counts), error=type(error).__name__)


def _add(connection: Connection, counts: Mapping[tuple[str, str], _Tally]) -> None:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # In one order everywhere, so that two processes do not wait for each other.
    for (connection_id, reason), tally in sorted(counts.items()):
        there = select(ConnectionRecord.id).where(ConnectionRecord.id == connection_id)
        if connection.scalar(there.with_for_update(read=True)) is None:
            continue
        new = insert(_REFUSALS).values(
            connection_id=connection_id,
            reason=reason,
            sentence=tally.last.sentence[:300],
            count=tally.count,
            first_at=tally.first.at,
            last_at=tally.last.at,
        )
        changed = {
            "count": _REFUSALS.c.count + new.excluded.count,
            "sentence": new.excluded.sentence,
            "last_at": new.excluded.last_at,
        }
        connection.execute(
            new.on_conflict_do_update(index_elements=["connection_id", "reason"], set_=changed)
        )
