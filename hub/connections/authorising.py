"""Sending an owner to a platform to say yes, and taking them back (RFC 6749, section 4.1; RFC 7636).

The state they come back with works once, for ten minutes, and only for whoever was sent: it is kept as its
SHA-256 with the account that asked.
"""

from __future__ import annotations

import hashlib
import secrets as entropy
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import select

from connectors.connector import Connector
from connectors.errors import ArrivalRefused, ConnectorError
from connectors.manifest import ClientCredentials, OAuth2
from connectors.values import AppKeys
from hub.connections.connecting import establish, guarded_client, prove_with
from hub.connections.form import Filled, checked_address, checked_options
from hub.connections.platform import Platform
from hub.connections.records import app_of, app_secrets, find_connection, seal_credentials
from hub.connections.tokens import redeem
from hub.errors import Conflict, Forbidden, NotFound, Unprocessable
from hub.hub import Hub
from hub.store.connection_tables import Authorisation, ConnectionRecord

LIFETIME: Final = timedelta(minutes=10)


async def begin(
    hub: Hub,
    account_id: str,
    connector: Connector,
    filled: Filled,
    *,
    base_url: str,
    connection_id: str | None = None,
) -> str:
    """Where to send the owner. With `connection_id` that connection is mended instead of a new one made.

    Raises Unprocessable for what they filled in, Conflict while the hub is not registered on the platform.
    """
    auth, app = _joined(connector), app_of(hub.settings, connector)
    if not app.client_id:
        raise Conflict(
            f"This hub is not registered as an app of {connector.manifest.name} yet; whoever runs it puts "
            "the app's id and secret into SAYHOOK_APPS.",
            code="app_missing",
        )
    state, verifier = entropy.token_urlsafe(32), entropy.token_urlsafe(48)
    redirect_uri = f"{base_url}/connect/{connector.name}/callback"
    address = await depart(
        hub,
        account_id,
        connector,
        filled,
        state=state,
        secret=verifier,
        back=redirect_uri,
        lifetime=LIFETIME,
        connection_id=connection_id,
    )
    if isinstance(auth, ClientCredentials):
        return _install_page(auth, app.client_id, f"{redirect_uri}?{urlencode({'state': state})}")
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": redirect_uri,
        "scope": auth.scope_separator.join(auth.scopes),
        "state": state,
        **(_challenge(verifier) if auth.pkce else {}),
    }
    return f"{auth.authorize_url.replace('{address}', address)}?{urlencode(query)}"


async def depart(
    hub: Hub,
    account_id: str,
    connector: Connector,
    filled: Filled,
    *,
    state: str,
    secret: str,
    back: str,
    lifetime: timedelta,
    connection_id: str | None,
) -> str:
    """Note that an owner leaves, to come `back` with `state`; returns the address they named on the platform.

    `secret` is kept encrypted for then. Raises Unprocessable for what they filled in.
    """
    address = checked_address(hub.settings, connector, filled.address)
    async with hub.database.transaction() as session:
        if connection_id is not None:
            await find_connection(session, account_id, connection_id)
        session.add(
            Authorisation(
                id=digest(state),
                account_id=account_id,
                connector=connector.name,
                connection_id=connection_id,
                name=filled.name or "",
                address=address,
                options=await checked_options(session, connector, account_id, filled.options),
                verifier=hub.secrets.encrypt(secret),
                redirect_uri=back,
                expires_at=hub.now() + lifetime,
            )
        )
    return address


async def finish(hub: Hub, account_id: str, connector: Connector, query: str) -> ConnectionRecord:
    """The connection of an owner who came back; `query` is the query string as it came.

    Raises Forbidden for a state we did not give this account, Unprocessable with the platform's reason.
    """
    given = dict(parse_qsl(query, keep_blank_values=True))
    asked = await _taken(hub, account_id, connector, given.get("state", ""))
    if connector.installed is not None:
        return await _finish_install(hub, account_id, connector, query, asked)
    address = arrival(hub, connector, query) or asked.address
    if asked.address and address != asked.address:
        raise Forbidden("The platform sent you back from another place than you were sent to. Start again.")
    if "code" not in given:
        raise Unprocessable("connection", _refused(connector, given))
    async with guarded_client(hub) as client:
        try:
            credentials = await redeem(
                hub,
                client,
                connector,
                code=given["code"],
                verifier=hub.secrets.decrypt(asked.verifier),
                redirect_uri=asked.redirect_uri,
                address=address,
            )
        except ConnectorError as error:
            raise Unprocessable("connection", str(error)) from error
    mended = asked.connection_id or await same_place(hub, account_id, connector, address)
    if mended is not None:
        return await mend(hub, account_id, connector, mended, credentials)
    filled = Filled(asked.name or None, address, None, asked.options)
    return await establish(hub, account_id, connector, filled, credentials)


def arrival(hub: Hub, connector: Connector, query: str) -> str:
    """Whose browser the platform sent; empty where it does not say. Raises Forbidden when it did not."""
    if connector.arrive is None:
        return ""
    try:
        return connector.arrive(query, app_secrets(app_of(hub.settings, connector)), hub.now())
    except ArrivalRefused as error:
        raise Forbidden(str(error), code=error.code) from error


async def _taken(hub: Hub, account_id: str, connector: Connector, state: str) -> Authorisation:
    """The authorisation, which is used up by this."""
    async with hub.database.transaction() as session:
        asked = await session.get(Authorisation, digest(state), with_for_update=True)
        if (
            asked is None
            or asked.account_id != account_id
            or asked.connector != connector.name
            or asked.expires_at <= hub.now()
        ):
            raise Forbidden(
                "This way back is not valid any more. Start again from the connections.", code="state_invalid"
            )
        await session.delete(asked)
    return asked


async def same_place(hub: Hub, account_id: str, connector: Connector, address: str) -> str | None:
    """A connection this account has there already: coming back to it mends it."""
    if not address:
        return None
    same = (
        ConnectionRecord.account_id == account_id,
        ConnectionRecord.connector == connector.name,
        ConnectionRecord.address == address,
    )
    async with hub.database.reading() as session:
        found: str | None = await session.scalar(select(ConnectionRecord.id).where(*same).limit(1))
    return found


async def mend(
    hub: Hub,
    account_id: str,
    connector: Connector,
    connection_id: str,
    credentials: Mapping[str, str],
    state: Mapping[str, Any] | None = None,
) -> ConnectionRecord:
    """New credentials for a connection; those it had stay where the platform does not take the new ones."""
    async with hub.database.reading() as session:
        record = await find_connection(session, account_id, connection_id)
    values: dict[str, Any] = {
        "credentials": seal_credentials(hub.secrets, credentials),
        "installed_at": hub.now(),
    }
    if state is not None:
        values["state"] = dict(state)
    return await prove_with(hub, connector, record, values)


async def _finish_install(
    hub: Hub, account_id: str, connector: Connector, query: str, asked: Authorisation
) -> ConnectionRecord:
    """Another account's installation is refused by `prove`: a place is connected once."""
    assert connector.installed is not None
    app = app_of(hub.settings, connector)
    keys = AppKeys(app.client_id, app.client_secret.get_secret_value())
    async with guarded_client(hub) as client:
        try:
            found = await Platform(hub, client).ask(connector.installed(query, keys, hub.now()))
        except ArrivalRefused as error:
            raise Forbidden(str(error), code=error.code) from error
        except ConnectorError as error:
            raise Unprocessable("connection", str(error)) from error
    mended = await _same_installation(hub, account_id, connector, found.external_id)
    if asked.connection_id not in (None, mended):
        raise Forbidden("You came back from another place than this connection's. Start again.")
    if mended is not None:
        return await mend(hub, account_id, connector, mended, found.credentials, found.state)
    filled = Filled(asked.name or None, asked.address, None, asked.options)
    return await establish(hub, account_id, connector, filled, found.credentials, found.state)


async def _same_installation(hub: Hub, account_id: str, connector: Connector, external_id: str) -> str | None:
    """A connection this account has of it, or had until the app was taken off."""
    mine = (ConnectionRecord.account_id == account_id, ConnectionRecord.connector == connector.name)
    async with hub.database.reading() as session:
        records = (await session.scalars(select(ConnectionRecord).where(*mine))).all()
    had = {record.state.get("external_id"): record.id for record in records if record.external_id is None}
    has = {record.external_id: record.id for record in records}
    return has.get(external_id) or had.get(external_id)


def _joined(connector: Connector) -> OAuth2 | ClientCredentials:
    """The way in over the platform's own pages. Raises NotFound where there is none."""
    auth = connector.manifest.auth
    if isinstance(auth, OAuth2) or (isinstance(auth, ClientCredentials) and auth.install is not None):
        return auth
    raise NotFound("This platform is connected with a form.", code="connector_not_found")


def _install_page(auth: ClientCredentials, client_id: str, back: str) -> str:
    assert auth.install is not None
    query = {auth.install.app_parameter: client_id, auth.install.back_parameter: back}
    return f"{auth.install.url}?{urlencode(query)}"


def _refused(connector: Connector, given: Mapping[str, str]) -> str:
    reason = given.get("error", "")[:60]
    told = f" ({reason})" if reason.replace("_", "").isalnum() else ""
    return f"{connector.manifest.name} did not let us in{told}. Start again and allow what it asks."


def _challenge(verifier: str) -> dict[str, str]:
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = urlsafe_b64encode(digest).decode().rstrip("=")
    return {"code_challenge": challenge, "code_challenge_method": "S256"}


def digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
