"""Events, pushes and looks the queue does not know of, and what is too old to be kept whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select, update

from hub.connections.jobs import events_job, look_job, push_job
from hub.connections.processing import is_readable
from hub.connections.pushing import is_due
from hub.connections.records import ConnectionStatus
from hub.hub import Hub
from hub.store.connection_tables import Authorisation, ConnectionRecord, InboundEvent, Push

KEPT: Final = timedelta(days=30)
"""How long an event that was read can be read again; after that only its verdict stays."""

_AT_MOST: Final = 500


async def sweep(hub: Hub) -> int:
    """Enqueue what is due; the queue ignores what it has already. Returns how many were new to it."""
    now = hub.now()
    is_live = ConnectionRecord.status == ConnectionStatus.LIVE
    async with hub.database.reading() as session:
        unread = await session.scalars(
            select(InboundEvent.connection_id)
            .join(ConnectionRecord, ConnectionRecord.id == InboundEvent.connection_id)
            .where(InboundEvent.verdict == "waiting", is_readable(hub))
            .distinct()
            .limit(_AT_MOST)
        )
        unpushed = await session.scalars(
            select(Push.id)
            .join(ConnectionRecord, ConnectionRecord.id == Push.connection_id)
            .where(is_due(now), is_live)
            .order_by(Push.next_at)
            .limit(_AT_MOST)
        )
        unlooked = await session.scalars(
            select(ConnectionRecord.id).where(is_live, ConnectionRecord.look_at <= now).limit(_AT_MOST)
        )
        tasks = [*map(events_job, unread), *map(push_job, unpushed), *map(look_job, unlooked)]
    enqueued = 0
    for task in tasks:
        enqueued += await hub.queue.enqueue_delivery(task, None)
    return enqueued


async def forget_old(hub: Hub) -> None:
    """Empty old events and drop authorisations nobody came back from."""
    now = hub.now()
    old = (InboundEvent.received_at <= now - KEPT, InboundEvent.verdict != "waiting")
    async with hub.database.transaction() as session:
        await session.execute(delete(Authorisation).where(Authorisation.expires_at <= now))
        chosen = select(InboundEvent.id).where(*old, InboundEvent.payload != b"").limit(_AT_MOST)
        await session.execute(
            update(InboundEvent).where(InboundEvent.id.in_(chosen)).values(payload=b"", headers={})
        )
