"""Finding connections, and what of their rows the connectors and the client need."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from connectors.connector import Connector
from connectors.values import Connection, SavedVoice
from hub import rotation
from hub.errors import NotFound
from hub.hub import Hub
from hub.secrets import Secrets
from hub.settings import App, Settings
from hub.store.connection_tables import ConnectionRecord
from hub.voices import default_voice, find_voice, reference_of


class ConnectionStatus(StrEnum):
    LIVE = "live"
    PAUSED = "paused"
    BROKEN = "broken"


async def find_connection(
    session: AsyncSession, account_id: str, connection_id: str, *, for_update: bool = False
) -> ConnectionRecord:
    """Raises NotFound also for another account's."""
    record = await session.get(ConnectionRecord, connection_id, with_for_update=for_update or None)
    if record is None or record.account_id != account_id:
        raise NotFound("Connection not found", code="connection_not_found")
    return record


async def list_connections(session: AsyncSession, account_id: str) -> Sequence[ConnectionRecord]:
    """Oldest first."""
    chosen = select(ConnectionRecord).where(ConnectionRecord.account_id == account_id)
    return (await session.scalars(chosen.order_by(ConnectionRecord.created_at, ConnectionRecord.id))).all()


def connection_of(record: ConnectionRecord) -> Connection:
    """The value a connector is given where nothing is read, so that its voice does not matter."""
    return Connection(
        id=record.id,
        connector=record.connector,
        options=record.options,
        address=record.address,
        state=record.state,
    )


async def load_connection(hub: Hub, record: ConnectionRecord) -> Connection:
    """The same with its saved voice. Raises NotFound when that voice is gone."""
    return replace(connection_of(record), voice=await _voice(hub, record))


async def _voice(hub: Hub, record: ConnectionRecord) -> SavedVoice | None:
    """The connection's own; else the account's default, unless the connection describes one."""
    wanted, described = record.options.get("voice"), record.options.get("voice_description")
    if not wanted and described:
        return None
    async with hub.database.reading() as session:
        if wanted:
            voice = await find_voice(session, record.account_id, wanted)
        elif (chosen := await default_voice(session, record.account_id)) is not None:
            voice = chosen
        else:
            return None
    reference = await reference_of(hub, voice)
    return SavedVoice(voice.description, reference, voice.reference_text, seed=voice.seed)


def seal_credentials(secrets: Secrets, credentials: Mapping[str, str]) -> str:
    return secrets.encrypt(json.dumps(dict(credentials)))


def open_credentials(secrets: Secrets, record: ConnectionRecord) -> dict[str, str]:
    """Raises `cryptography.fernet.InvalidToken` when no live key of the hub reads them."""
    found: dict[str, str] = json.loads(secrets.decrypt(record.credentials))
    return found


def app_of(settings: Settings, connector: Connector) -> App:
    """What the platform knows this hub as; empty where it was not registered there."""
    return settings.apps.get(connector.name, App())


def app_secrets(app: App) -> tuple[str, ...]:
    """What shows that an event is from the platform, where that is the app's own."""
    given = app.hook_secrets or (app.client_secret,)
    return tuple(secret.get_secret_value() for secret in given if secret.get_secret_value())


def hook_secrets(hub: Hub, connector: Connector, record: ConnectionRecord) -> tuple[str, ...]:
    """Every secret a delivery to this connection may be signed with, newest first."""
    verification = connector.manifest.verification
    if verification is not None and verification.secret == "app":  # noqa: S105 - says who makes it
        return app_secrets(app_of(hub.settings, connector))
    return rotation.live(hub.secrets, record.hook_secrets, hub.now())
