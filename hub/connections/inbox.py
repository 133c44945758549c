"""Writing down what comes in: many deliveries in one transaction, each answered after it is on disk.

A disk confirms a few hundred transactions a second and platforms send in bursts, so whatever waits while one
transaction is being written goes together into the next. Nobody waits for company: a delivery that comes
alone is written alone, at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import Connection, inspect
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hub.connections.jobs import events_job
from hub.hub import Hub
from hub.store.connection_tables import InboundEvent

MOST_AT_ONCE = 200

_EVENTS: SqlTable = inspect(InboundEvent).local_table  # type: ignore[assignment]  # a mapped class has a table
_INSERTS = {
    "postgresql": postgresql.insert(_EVENTS).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(_EVENTS).on_conflict_do_nothing(),
}

log = structlog.get_logger(__name__)


class ConnectionGone(LookupError):
    """The connection was removed while its delivery was on the way."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery whose sender is known. `name` is given where it is read whatever its connection's state."""

    connection_id: str
    delivery_id: str
    payload: bytes
    headers: dict[str, str]
    received_at: datetime
    name: str | None = None


class Inbox:
    """One process's writer. It runs while there is something to write and needs no closing."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._waiting: list[tuple[Arrival, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._untold: dict[str, None] = {}
        self._teller: asyncio.Task[None] | None = None

    async def keep(self, arrival: Arrival) -> None:
        """Returns when it is on disk, also when it was there before. Raises ConnectionGone."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        await done

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            try:
                await self._write([arrival for arrival, _ in batch])
            except IntegrityError:
                await self._write_singly(batch)
            except Exception as error:
                log.error("deliveries_not_written", count=len(batch), error=type(error).__name__)
                _settle(batch, error)
            else:
                _settle(batch, None)

    async def _write_singly(self, batch: Sequence[tuple[Arrival, asyncio.Future[None]]]) -> None:
        """One of them belongs to a connection that is gone; the others must not suffer for it."""
        for arrival, done in batch:
            try:
                await self._write([arrival])
            except IntegrityError:
                _settle([(arrival, done)], ConnectionGone(arrival.connection_id))
            except Exception as error:
                _settle([(arrival, done)], error)
            else:
                _settle([(arrival, done)], None)

    async def _write(self, arrivals: Sequence[Arrival]) -> None:
        await self._hub.database.write(partial(insert_all, arrivals=arrivals))
        # The queue is told beside it: a queue that is slow or away must not hold up an answer.
        self._untold.update(dict.fromkeys(arrival.connection_id for arrival in arrivals))
        if self._untold and (self._teller is None or self._teller.done()):
            self._teller = asyncio.create_task(self._tell_queue())

    async def _tell_queue(self) -> None:
        while self._untold:
            connection_id = next(iter(self._untold))
            del self._untold[connection_id]
            await self._hub.queue.enqueue_delivery(events_job(connection_id), None)


async def insert_new(session: AsyncSession, arrivals: Sequence[Arrival], origin: str = "hook") -> None:
    """All of them but those that are there already, by connection and delivery id."""
    connection = await session.connection()
    await connection.run_sync(partial(insert_all, arrivals=arrivals, origin=origin))


def insert_all(connection: Connection, arrivals: Sequence[Arrival], origin: str = "hook") -> None:
    """The same in a transaction that is no session's."""
    rows: list[dict[str, Any]] = [
        {
            "id": str(uuid4()),
            "connection_id": arrival.connection_id,
            "delivery_id": arrival.delivery_id,
            "name": arrival.name,
            "payload": arrival.payload,
            "headers": arrival.headers,
            "origin": origin,
            "tries": 0,
            "verdict": "waiting",
            "received_at": arrival.received_at,
        }
        for arrival in arrivals
    ]
    if connection.dialect.name == "postgresql":
        # In one order everywhere, so that two processes with the same deliveries do not wait for each other.
        rows.sort(key=lambda row: (row["connection_id"], row["delivery_id"]))
    connection.execute(_INSERTS[connection.dialect.name], rows)


def _settle(batch: Sequence[tuple[Arrival, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, done in batch:
        if done.done():
            continue  # its sender hung up
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
