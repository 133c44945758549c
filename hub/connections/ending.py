"""When the owner took our app off their platform, and when nothing of a connection may be kept."""

from __future__ import annotations

from sqlalchemy import select

from connectors.values import Ended
from hub import jobs
from hub.hub import Hub
from hub.store.connection_tables import ConnectionRecord, InboundEvent, TargetRecord


def is_newer(record: ConnectionRecord, ended: Ended) -> bool:
    """Whether the connection was made, or our app let in again, after what the platform tells of."""
    return ended.at is not None and (record.installed_at or record.created_at) > ended.at


async def erase_connection(hub: Hub, record: ConnectionRecord) -> None:
    """Erase every text and audio that came of the connection, then the connection itself."""
    async with hub.database.reading() as session:
        events = select(InboundEvent.generation_id).where(InboundEvent.connection_id == record.id)
        targets = select(TargetRecord.audio_generation_id).where(TargetRecord.connection_id == record.id)
        found = [*await session.scalars(events), *await session.scalars(targets)]
    await jobs.erase_many(hub, record.account_id, list(dict.fromkeys(filter(None, found))))
    async with hub.database.transaction() as session:
        row = await session.get(ConnectionRecord, record.id)
        if row is not None:
            await session.delete(row)
