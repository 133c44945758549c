"""When the owner took our app off their platform, and when nothing of a connection may be kept."""

from __future__ import annotations

from sqlalchemy import select

from connectors.connector import Connector
from connectors.values import Ended
from hub import jobs
from hub.connections import status
from hub.connections.records import seal_credentials
from hub.hub import Hub
from hub.store.connection_tables import ConnectionRecord, InboundEvent, TargetRecord


def is_newer(record: ConnectionRecord, ended: Ended) -> bool:
    """Whether the connection was made, or our app let in again, after what the platform tells of."""
    return ended.at is not None and (record.installed_at or record.created_at) > ended.at


async def end_connection(hub: Hub, connector: Connector, record: ConnectionRecord, ended: Ended) -> None:
    """Break it. An installation is let go: who owns the place may have changed when the app comes back to it.

    Nothing that was kept gets in again then; only an owner who comes through the platform's own page.
    """
    if connector.installed is not None:
        async with hub.database.transaction() as session:
            row = await session.get(ConnectionRecord, record.id, with_for_update=True)
            if row is None or is_newer(row, ended):
                return
            row.credentials = seal_credentials(hub.secrets, {})
            row.external_id = None
    await status.break_connection(hub, record.id, ended.reason)


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
