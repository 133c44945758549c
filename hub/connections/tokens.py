"""OAuth tokens of connections: fetched, kept, and renewed by one process at a time.

RFC 6749: the code grant (4.1.3), the refresh (6), which may return a new refresh token that makes the old one
void, and client credentials (4.4). RFC 7636 for the verifier.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from sqlalchemy import or_, select, update

from connectors.connector import Connector
from connectors.errors import ConnectionBroken, TryAgain
from connectors.flow import Response
from connectors.manifest import ClientCredentials, OAuth2
from hub.connections.records import app_of, open_credentials, seal_credentials
from hub.connections.stand_ins import stand_in
from hub.hub import Hub
from hub.store.connection_tables import ConnectionRecord
from webhooks.exchange import Bounds, exchange

EARLY: Final = timedelta(seconds=120)
"""A token that has less than this left is renewed before it is used."""

_LEASE: Final = timedelta(seconds=45)
_LOOK_SECONDS: Final = 0.25
_BOUNDS: Final = Bounds(seconds=20.0, kept_bytes=256 * 1024)


async def fresh(
    hub: Hub, client: httpx.AsyncClient, connector: Connector, record: ConnectionRecord
) -> ConnectionRecord:
    """The connection with a token that is good for a while. Raises ConnectionBroken and TryAgain."""
    if not isinstance(connector.manifest.auth, OAuth2 | ClientCredentials):
        return record
    kept = open_credentials(hub.secrets, record)
    until = kept.get("expires_at")
    minted = isinstance(connector.manifest.auth, ClientCredentials) and "access_token" not in kept
    if not minted and (until is None or datetime.fromisoformat(until) - EARLY > hub.now()):
        return record
    return await renewed(hub, client, connector, record) or record


async def renewed(
    hub: Hub, client: httpx.AsyncClient, connector: Connector, record: ConnectionRecord
) -> ConnectionRecord | None:
    """The connection with new tokens; None where there is nothing to renew them with.

    Of all processes that want to, one asks the platform; the others wait for what it gets.
    """
    auth = connector.manifest.auth
    if not isinstance(auth, OAuth2 | ClientCredentials):
        return None
    if isinstance(auth, OAuth2) and "refresh_token" not in open_credentials(hub.secrets, record):
        return None
    while not await _lock(hub, record):
        await asyncio.sleep(_LOOK_SECONDS)
        newest = await _read(hub, record.id)
        if newest.credentials != record.credentials:
            return newest
    try:
        return await _renew(hub, client, connector, auth, record)
    finally:
        await _unlock(hub, record.id)


async def redeem(
    hub: Hub,
    client: httpx.AsyncClient,
    connector: Connector,
    *,
    code: str,
    verifier: str,
    redirect_uri: str,
    address: str,
) -> dict[str, str]:
    """Credentials for the code an owner came back with. Raises ConnectionBroken and TryAgain."""
    auth = connector.manifest.auth
    assert isinstance(auth, OAuth2)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    if auth.pkce:
        form["code_verifier"] = verifier
    return await _ask(hub, client, connector, _token_url(auth, address), {**auth.token_body, **form}, {})


async def revoke(hub: Hub, client: httpx.AsyncClient, connector: Connector, record: ConnectionRecord) -> None:
    """Tell the platform that the token is of no more use. Does nothing where another connection has the same.

    Raises ConnectionBroken where the platform does not agree, and TryAgain.
    """
    auth, app = connector.manifest.auth, app_of(hub.settings, connector)
    token = open_credentials(hub.secrets, record).get("access_token")
    if not isinstance(auth, OAuth2) or auth.revoke_url is None or not token:
        return
    if await _is_shared(hub, record, token):
        return
    answer = await exchange(
        client,
        "POST",
        stand_in(hub.settings, auth.revoke_url),
        headers={"content-type": "application/json", "accept": "application/json"},
        body=json.dumps(
            {
                "client_id": app.client_id,
                "client_secret": app.client_secret.get_secret_value(),
                "access_token": token,
            }
        ).encode(),
        bounds=_BOUNDS,
    )
    if answer.status is None:
        raise TryAgain(answer.error or "The platform did not answer.", strains=True)
    if not 200 <= answer.status < 300:
        raise ConnectionBroken(f"The platform did not take the token back; it answered {answer.status}.")


async def _is_shared(hub: Hub, record: ConnectionRecord, token: str) -> bool:
    others = select(ConnectionRecord).where(
        ConnectionRecord.connector == record.connector, ConnectionRecord.id != record.id
    )
    async with hub.database.reading() as session:
        rows = (await session.scalars(others.where(ConnectionRecord.account_id == record.account_id))).all()
    return any(open_credentials(hub.secrets, row).get("access_token") == token for row in rows)


async def _renew(
    hub: Hub,
    client: httpx.AsyncClient,
    connector: Connector,
    auth: OAuth2 | ClientCredentials,
    record: ConnectionRecord,
) -> ConnectionRecord:
    kept = open_credentials(hub.secrets, record)
    if isinstance(auth, OAuth2):
        form = {**auth.token_body, "grant_type": "refresh_token", "refresh_token": kept["refresh_token"]}
    else:
        given = {name: value.format_map(_Words(kept)) for name, value in auth.body.items()}
        form = {"grant_type": "client_credentials", **given}
    got = await _ask(hub, client, connector, _token_url(auth, record.address), form, kept)
    async with hub.database.transaction() as session:
        row = await session.get(ConnectionRecord, record.id, with_for_update=True)
        if row is None:
            raise ConnectionBroken("The connection was removed.")
        if row.credentials == record.credentials:  # not replaced or taken away while the platform was asked
            row.credentials = seal_credentials(hub.secrets, got)
        return row


async def _ask(
    hub: Hub,
    client: httpx.AsyncClient,
    connector: Connector,
    url: str,
    form: Mapping[str, str],
    kept: Mapping[str, str],
) -> dict[str, str]:
    app, auth = app_of(hub.settings, connector), connector.manifest.auth
    body = {"client_id": app.client_id, "client_secret": app.client_secret.get_secret_value(), **form}
    is_json = isinstance(auth, ClientCredentials) and auth.body_format == "json"
    kind = "application/json" if is_json else "application/x-www-form-urlencoded"
    answer = await exchange(
        client,
        "POST",
        stand_in(hub.settings, url),
        headers={"content-type": kind, "accept": "application/json"},
        body=(json.dumps(body) if is_json else urlencode(body)).encode(),
        bounds=_BOUNDS,
    )
    if answer.status is None or answer.status in (408, 425, 429) or answer.status >= 500:
        sentence = answer.error or f"The platform's token address answered {answer.status}."
        raise TryAgain(sentence, strains=answer.status is None or answer.status >= 500)
    granted = Response(answer.status, body=answer.body).json
    if not 200 <= answer.status < 300 or not isinstance(granted, dict) or not granted.get("access_token"):
        raise ConnectionBroken(f"The platform gave no token; it answered {answer.status}. Connect again.")
    lifetime = auth.lifetime_seconds if isinstance(auth, ClientCredentials) else 0
    return _credentials({"expires_in": lifetime or None, **granted}, kept, hub.now())


def _credentials(granted: Mapping[str, Any], kept: Mapping[str, str], now: datetime) -> dict[str, str]:
    credentials = {**kept, "access_token": str(granted["access_token"])}
    for name in ("refresh_token", "scope"):
        if granted.get(name):
            credentials[name] = str(granted[name])
    credentials.pop("expires_at", None)
    seconds = granted.get("expires_in")
    if isinstance(seconds, int | float | str) and str(seconds).replace(".", "", 1).isdigit():
        credentials["expires_at"] = (now + timedelta(seconds=float(seconds))).isoformat()
    return credentials


def _token_url(auth: OAuth2 | ClientCredentials, address: str) -> str:
    return auth.token_url.replace("{address}", address)


class _Words(dict[str, str]):
    """What the manifest's `body` may name in braces: the connection's own credentials."""

    def __missing__(self, key: str) -> str:
        raise ConnectionBroken(f"The credential {key} is missing. Connect again.")


async def _lock(hub: Hub, record: ConnectionRecord) -> bool:
    now = hub.now()
    free = or_(ConnectionRecord.refreshing_until.is_(None), ConnectionRecord.refreshing_until <= now)
    async with hub.database.transaction() as session:
        taken = await session.execute(
            update(ConnectionRecord)
            .where(ConnectionRecord.id == record.id, free, ConnectionRecord.credentials == record.credentials)
            .values(refreshing_until=now + _LEASE)
            .returning(ConnectionRecord.id)
        )
        return taken.scalar_one_or_none() is not None


async def _unlock(hub: Hub, connection_id: str) -> None:
    async with hub.database.transaction() as session:
        chosen = update(ConnectionRecord).where(ConnectionRecord.id == connection_id)
        await session.execute(chosen.values(refreshing_until=None))


async def _read(hub: Hub, connection_id: str) -> ConnectionRecord:
    async with hub.database.reading() as session:
        record = await session.get(ConnectionRecord, connection_id)
    if record is None:
        raise ConnectionBroken("The connection was removed.")
    return record
