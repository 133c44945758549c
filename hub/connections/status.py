"""The states of a connection.

    live ◄──► paused        the owner's wish
      │  ▲
      ▼  │ connected again
    broken                  the platform no longer lets us in

Each change tells the queue or the owner's endpoints what follows from it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hub.connections.jobs import events_job, push_job
from hub.connections.records import ConnectionStatus
from hub.hub import Hub
from hub.store.connection_tables import ConnectionRecord, Push
from hub.webhooks.announcing import announce

PAUSED_SENTENCE = "Paused by its owner. Events are kept and read when it goes on."


async def break_connection(hub: Hub, connection_id: str, sentence: str) -> None:
    """The platform refused us: keep what comes, and tell the owner once."""
    async with hub.database.transaction() as session:
        record = await session.get(ConnectionRecord, connection_id, with_for_update=True)
        if record is None or record.status == ConnectionStatus.BROKEN:
            return
        record.status = ConnectionStatus.BROKEN
        record.sentence = sentence
        deliveries = await _announce(session, record, "connection.broken", hub.now())
    for delivery in deliveries:
        await hub.queue.enqueue_delivery(delivery, None)


async def set_live(session: AsyncSession, record: ConnectionRecord, now: datetime) -> list[str]:
    """Let a connection work, in the caller's transaction; returns what to tell the queue afterwards."""
    was_broken = record.status == ConnectionStatus.BROKEN
    record.status = ConnectionStatus.LIVE
    record.sentence = None
    waiting = (Push.connection_id == record.id, Push.status == "waiting")
    await session.execute(update(Push).where(*waiting, Push.next_at > now).values(next_at=now))
    pushes = await session.scalars(select(Push.id).where(*waiting))
    tasks = [events_job(record.id), *(push_job(push) for push in pushes)]
    return [*(await _announce(session, record, "connection.recovered", now) if was_broken else ()), *tasks]


def set_paused(record: ConnectionRecord, sentence: str = PAUSED_SENTENCE) -> None:
    record.status = ConnectionStatus.PAUSED
    record.sentence = sentence


async def _announce(session: AsyncSession, record: ConnectionRecord, event: str, now: datetime) -> list[str]:
    data: dict[str, Any] = {
        "id": record.id,
        "connector": record.connector,
        "name": record.name,
        "status": record.status,
        "sentence": record.sentence,
    }
    return await announce(session, account_id=record.account_id, event=event, data=data, now=now)
