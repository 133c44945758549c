"""Making, mending and ending connections: proved by a real call, with the hook registered for the owner."""

from __future__ import annotations

import secrets as entropy
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from connectors.connector import Connector
from connectors.errors import ConnectorError
from connectors.flow import MOST_SETTING_UP
from hub import rotation
from hub.connections import status, tokens
from hub.connections.catalogue import connector_named
from hub.connections.ending import erase_connection
from hub.connections.form import (
    Filled,
    checked_address,
    checked_credentials,
    checked_hook_secret,
    checked_options,
    wants_hook_secret,
)
from hub.connections.hooks import hook_of
from hub.connections.looking import next_look
from hub.connections.platform import Platform
from hub.connections.records import (
    ConnectionStatus,
    find_connection,
    open_credentials,
    seal_credentials,
)
from hub.connections.withdrawing import withdraw
from hub.errors import Conflict, Unprocessable
from hub.hub import Hub
from hub.store.connection_tables import ConnectionRecord
from webhooks.guard import open_client, policy_for
from webhooks.signing import new_secret

MOST_CONNECTIONS: Final = 100
_BEING_MADE: Final = "Being connected. If this stays, connect it again."
_EXTERNAL_ID: Final = "external_id"

log = structlog.get_logger(__name__)


def guarded_client(hub: Hub) -> httpx.AsyncClient:
    return open_client(policy_for(allow_private=hub.settings.allow_private_callbacks))


async def connect(hub: Hub, account_id: str, connector_name: str, filled: Filled) -> ConnectionRecord:
    """A new live connection. Raises Unprocessable with the platform's reason when it does not let us in."""
    connector = connector_named(hub.settings, connector_name)
    if connector.manifest.is_joined_there:
        raise Unprocessable("connector", "is connected on the platform itself; ask for its authorize_url.")
    credentials = checked_credentials(connector, filled.credentials or {})
    return await establish(hub, account_id, connector, filled, credentials)


async def establish(
    hub: Hub,
    account_id: str,
    connector: Connector,
    filled: Filled,
    credentials: Mapping[str, str],
    state: Mapping[str, Any] | None = None,
) -> ConnectionRecord:
    """The same, with credentials that are known to be whole; `state` is what `connect` starts from."""
    record = await _record(hub, account_id, connector, filled, credentials, state or {})
    try:
        return await prove(hub, connector, record)
    except BaseException:
        async with hub.database.transaction() as session:
            row = await session.get(ConnectionRecord, record.id)
            if row is not None:
                await session.delete(row)
        raise


async def prove(hub: Hub, connector: Connector, record: ConnectionRecord) -> ConnectionRecord:
    """Let the connector call the platform and register its hook; then the connection is live.

    Raises Unprocessable also where the app was taken off the platform since its owner installed it.
    """
    if connector.installed is not None and not open_credentials(hub.secrets, record):
        raise Unprocessable(
            "connection", "The app was taken off. Install it again on the platform's own page."
        )
    state: Mapping[str, Any] = record.state
    if connector.connect is not None:
        hook = hook_of(hub, connector, record)
        run = connector.connect
        async with guarded_client(hub) as client:
            try:
                state = await Platform(hub, client).run(
                    connector,
                    record,
                    lambda connection: run(connection, hook),
                    most=MOST_SETTING_UP,
                    patient=True,
                )
            except ConnectorError as error:
                raise Unprocessable("connection", str(error)) from error
    try:
        async with hub.database.transaction() as session:
            row = await find_connection(session, record.account_id, record.id, for_update=True)
            row.state = dict(state)
            row.external_id = _external_id(connector, row)
            row.look_at = next_look(connector, hub.now())
            tasks = await status.set_live(session, row, hub.now())
    except IntegrityError as error:
        raise Conflict(
            f"This place on {connector.manifest.name} is connected already; disconnect it there first.",
            code="already_connected",
        ) from error
    await tell_queue(hub, tasks)
    return row


async def change(hub: Hub, account_id: str, connection_id: str, filled: Filled) -> ConnectionRecord:
    """What is given replaces what was there; new credentials or a new address are proved first."""
    async with hub.database.reading() as session:
        record = await find_connection(session, account_id, connection_id)
        connector = connector_named(hub.settings, record.connector)
        options = await checked_options(session, connector, account_id, {**record.options, **filled.options})
    values: dict[str, Any] = {"options": options}
    if filled.name is not None:
        values["name"] = filled.name
    if filled.address is not None:
        values["address"] = checked_address(hub.settings, connector, filled.address)
    if filled.credentials is not None:
        sealed = seal_credentials(hub.secrets, checked_credentials(connector, filled.credentials))
        values["credentials"] = sealed
    if filled.hook_secret is not None and wants_hook_secret(connector):
        given = checked_hook_secret(hub, connector, filled.hook_secret)
        values["hook_secrets"] = rotation.rotated(hub.secrets, record.hook_secrets, given, hub.now())
    if filled.address is None and filled.credentials is None and not _picked(connector, record, options):
        return await _set(hub, account_id, connection_id, values)
    return await prove_with(hub, connector, record, values)


async def prove_with(
    hub: Hub, connector: Connector, record: ConnectionRecord, values: Mapping[str, Any]
) -> ConnectionRecord:
    """Prove it with `values`; where that does not work out, what was there before is there again."""
    async with hub.database.transaction() as session:
        row = await find_connection(session, record.account_id, record.id, for_update=True)
        before = {name: getattr(row, name) for name in values}
        for name, value in values.items():
            setattr(row, name, value)
    try:
        return await prove(hub, connector, row)
    except BaseException:
        await _set(hub, record.account_id, record.id, before)
        raise


async def pause(hub: Hub, account_id: str, connection_id: str) -> ConnectionRecord:
    async with hub.database.transaction() as session:
        record = await find_connection(session, account_id, connection_id, for_update=True)
        if record.status == ConnectionStatus.LIVE:
            status.set_paused(record)
        return record


async def resume(hub: Hub, account_id: str, connection_id: str) -> ConnectionRecord:
    """A broken connection is proved again; Unprocessable tells why it still does not work."""
    async with hub.database.reading() as session:
        record = await find_connection(session, account_id, connection_id)
    if record.status == ConnectionStatus.BROKEN:
        return await prove(hub, connector_named(hub.settings, record.connector), record)
    async with hub.database.transaction() as session:
        record = await find_connection(session, account_id, connection_id, for_update=True)
        tasks = await status.set_live(session, record, hub.now())
    await tell_queue(hub, tasks)
    return record


async def rotate(hub: Hub, account_id: str, connection_id: str) -> ConnectionRecord:
    """A new secret for the hook; the one before stays good for `rotation.OVERLAP`."""
    async with hub.database.reading() as session:
        record = await find_connection(session, account_id, connection_id)
    connector = connector_named(hub.settings, record.connector)
    if not makes_hook_secret(connector):
        raise Conflict(f"The secret of this hook is {connector.manifest.name}'s to change.")
    kept = rotation.rotated(hub.secrets, record.hook_secrets, _new_hook_secret(connector), hub.now())
    record = await _set(hub, account_id, connection_id, {"hook_secrets": kept})
    return record if connector.connect is None else await prove(hub, connector, record)


async def disconnect(hub: Hub, account_id: str, connection_id: str) -> None:
    """Take hook, audio and token back where the platform still lets us; forget what is kept of it."""
    async with hub.database.reading() as session:
        record = await find_connection(session, account_id, connection_id)
    connector = connector_named(hub.settings, record.connector)
    async with guarded_client(hub) as client:
        try:
            if connector.disconnect is not None:
                await Platform(hub, client).run(connector, record, connector.disconnect, most=MOST_SETTING_UP)
        except Exception as error:
            log.info("hook_not_taken_back", connector=connector.name, error=type(error).__name__)
        try:
            await withdraw(hub, client, connector, record)
        except Exception as error:
            log.info("audio_not_taken_off", connector=connector.name, error=type(error).__name__)
        try:
            await tokens.revoke(hub, client, connector, record)
        except Exception as error:
            log.info("token_not_taken_back", connector=connector.name, error=type(error).__name__)
    if ends_in_erasure(connector):
        await erase_connection(hub, record)
        return
    async with hub.database.transaction() as session:
        await session.delete(await find_connection(session, account_id, connection_id))


def ends_in_erasure(connector: Connector) -> bool:
    """Whether the texts and the audio go with the connection: the platform will ask when it is too late."""
    events = connector.manifest.events
    return events is not None and events.ends_in_erasure


async def tell_queue(hub: Hub, tasks: list[str]) -> None:
    for task in tasks:
        await hub.queue.enqueue_delivery(task, None)


def makes_hook_secret(connector: Connector) -> bool:
    verification = connector.manifest.verification
    return verification is not None and verification.secret == "ours"  # noqa: S105 - says who makes it


async def _record(
    hub: Hub,
    account_id: str,
    connector: Connector,
    filled: Filled,
    credentials: Mapping[str, str],
    state: Mapping[str, Any],
) -> ConnectionRecord:
    """Kept before it is proved: a platform may call the hook while it is being registered."""
    address = checked_address(hub.settings, connector, filled.address)
    secret = _new_hook_secret(connector) if makes_hook_secret(connector) else ""
    if wants_hook_secret(connector):
        secret = checked_hook_secret(hub, connector, filled.hook_secret)
    async with hub.database.transaction() as session:
        count = select(func.count()).where(ConnectionRecord.account_id == account_id)
        if (await session.scalar(count) or 0) >= MOST_CONNECTIONS:
            raise Conflict(f"This account has {MOST_CONNECTIONS} connections already; remove one first.")
        record = ConnectionRecord(
            id=str(uuid4()),
            account_id=account_id,
            connector=connector.name,
            name=filled.name or urlsplit(address).hostname or connector.manifest.name,
            address=address,
            credentials=seal_credentials(hub.secrets, credentials),
            hook_secrets=rotation.sealed(hub.secrets, secret),
            options=await checked_options(session, connector, account_id, filled.options),
            state=dict(state),
            status=ConnectionStatus.PAUSED,
            sentence=_BEING_MADE,
            spoken=0,
            ignored=0,
            failed=0,
            pushed=0,
            created_at=hub.now(),
        )
        session.add(record)
    return record


async def _set(hub: Hub, account_id: str, connection_id: str, values: Mapping[str, Any]) -> ConnectionRecord:
    async with hub.database.transaction() as session:
        record = await find_connection(session, account_id, connection_id, for_update=True)
        for name, value in values.items():
            setattr(record, name, value)
        return record


def _picked(connector: Connector, before: ConnectionRecord, options: Mapping[str, Any]) -> bool:
    """Whether the owner chose another place on the platform, where the hook may have to be registered too."""
    picks = [option.name for option in connector.manifest.options if option.type == "pick"]
    return any(before.options.get(name) != options[name] for name in picks)


def _new_hook_secret(connector: Connector) -> str:
    verification = connector.manifest.verification
    standard = verification is not None and verification.scheme == "standard_webhooks"
    return new_secret() if standard else entropy.token_hex(24)


def _external_id(connector: Connector, record: ConnectionRecord) -> str | None:
    """What `connect` found the platform to call this connection, else the host of its address."""
    verification = connector.manifest.verification
    if verification is None or not verification.shared:
        return None
    found = record.state.get(_EXTERNAL_ID) or urlsplit(record.address).hostname
    return str(found)[:255] if found else None
