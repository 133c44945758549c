"""Taking the audio off a platform when its owner disconnects: its addresses end with the connection."""

from __future__ import annotations

import asyncio
from typing import Final

import httpx
from sqlalchemy import select

from connectors.connector import Connector
from connectors.errors import PushRefused, TargetGone
from connectors.flow import Flow
from connectors.values import Connection, Target
from hub.connections.platform import Platform
from hub.connections.targets import lasting_url
from hub.hub import Hub
from hub.store.connection_tables import ConnectionRecord, TargetRecord
from hub.store.tables import Generation

SECONDS: Final = 30.0
"""The owner waits for it; what is not reached by then stays, and plays nothing."""

MOST: Final = 1000
_REQUESTS_EACH: Final = 5


async def withdraw(
    hub: Hub, client: httpx.AsyncClient, connector: Connector, record: ConnectionRecord
) -> None:
    """The newest first. Raises what the platform makes of it, and TimeoutError."""
    take_off = connector.withdraw
    if take_off is None:
        return
    chosen = (
        select(TargetRecord, Generation.format)
        .join(Generation, Generation.id == TargetRecord.audio_generation_id)
        .where(TargetRecord.connection_id == record.id, TargetRecord.is_test.is_(False))
        .order_by(TargetRecord.created_at.desc())
        .limit(MOST)
    )
    async with hub.database.reading() as session:
        found = [
            (Target(target.key, target.fields), lasting_url(hub.settings.base_url, target.token, format))
            for target, format in await session.execute(chosen)
        ]

    def flow(connection: Connection) -> Flow[None]:
        for target, url in found:
            try:
                yield from take_off(connection, target, url)
            except (TargetGone, PushRefused):
                continue  # the next one may go

    async with asyncio.timeout(SECONDS):
        await Platform(hub, client).run(connector, record, flow, most=_REQUESTS_EACH * len(found))
