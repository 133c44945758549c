"""Keys that an owner allows on the platform's own page, and that the platform's server then brings us.

The owner's browser leaves with a state of 256 random bits; the platform posts the keys with it, unsigned and
without saying who it is, and sends the browser back. Only then, and only for the account that left, are the
keys tried at the address the owner named. The two may come in either order.
"""

from __future__ import annotations

import json
import secrets as entropy
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncSession

from connectors.connector import Connector
from connectors.errors import EventUnreadable
from connectors.manifest import KeyAuth, KeyScreen
from connectors.payload import read_object
from hub.connections.authorising import depart, digest, mend, same_place
from hub.connections.connecting import establish
from hub.connections.form import (
    Filled,
    checked_credentials,
    credential_fields,
)
from hub.errors import Conflict, Forbidden, NotFound, Unprocessable
from hub.hub import Hub
from hub.store.connection_tables import Authorisation, ConnectionRecord

LIFETIME: Final = timedelta(minutes=15)
_NOT_YET: Final = "{}"


def screen_of(connector: Connector) -> KeyScreen | None:
    auth = connector.manifest.auth
    return auth.screen if isinstance(auth, KeyAuth) else None


async def begin(
    hub: Hub,
    account_id: str,
    connector: Connector,
    filled: Filled,
    *,
    base_url: str,
    connection_id: str | None = None,
) -> str:
    """Where to send the owner. Raises Unprocessable for what they filled in, Conflict without https."""
    screen = _screen(connector)
    if not base_url.startswith("https://") and not hub.settings.allow_private_callbacks:
        raise Conflict(
            f"{connector.manifest.name} brings keys only to an address with https://, which this hub does "
            "not have. Type the keys in instead."
        )
    state = entropy.token_urlsafe(32)
    back = f"{base_url}/connect/{connector.name}"
    address = await depart(
        hub,
        account_id,
        connector,
        filled,
        state=state,
        secret=_NOT_YET,
        back=f"{back}/back",
        lifetime=LIFETIME,
        connection_id=connection_id,
    )
    known = {"{state}": state, "{back}": f"{back}/back", "{callback}": f"{back}/keys"}
    query = {name: known.get(value, value) for name, value in screen.query.items()}
    return f"{screen.url.replace('{address}', address)}?{urlencode(query)}"


async def receive(hub: Hub, connector: Connector, body: bytes) -> None:
    """The platform's server brings keys, once. Raises NotFound for an unknown state, Unprocessable."""
    screen = _screen(connector)
    try:
        given = read_object(body)
    except EventUnreadable as error:
        raise Unprocessable("body", "must be a JSON object.") from error
    fields = {field.name for field in credential_fields(connector)}
    keys = checked_credentials(connector, {name: given[name] for name in fields & given.keys()})
    async with hub.database.transaction() as session:
        asked = await _asked(session, hub, connector, str(given.get(screen.state, "")))
        if hub.secrets.decrypt(asked.verifier) != _NOT_YET:
            raise Conflict("These keys were brought already.")
        asked.verifier = hub.secrets.encrypt(json.dumps(keys))


async def finish(
    hub: Hub, account_id: str | None, connector: Connector, query: Mapping[str, Any]
) -> ConnectionRecord | None:
    """The connection of an owner who came back; None while the keys are still on their way.

    Raises Forbidden for a state this account did not leave with, which is void then: somebody was sent to say
    yes for whoever did. Raises Unprocessable with the platform's reason.
    """
    screen = _screen(connector)
    async with hub.database.transaction() as session:
        asked = await _asked(session, hub, connector, query.get(screen.state, ""))
        is_theirs = asked.account_id == account_id
        keys: dict[str, str] = json.loads(hub.secrets.decrypt(asked.verifier))
        if is_theirs and not keys and query.get(screen.outcome) == screen.allowed:
            return None
        await session.delete(asked)
    if account_id is None or not is_theirs:
        raise Forbidden(
            f"You did not leave from here with this account, so nothing was connected. If you allowed it in "
            f"{connector.manifest.name}, take its keys away there; then sign in and start again.",
            code="state_invalid",
        )
    if not keys:
        raise Unprocessable(
            "connection", f"{connector.manifest.name} did not let us in. Start again and allow what it asks."
        )
    mended = asked.connection_id or await same_place(hub, account_id, connector, asked.address)
    if mended is not None:
        return await mend(hub, account_id, connector, mended, keys)
    filled = Filled(asked.name or None, asked.address, None, asked.options)
    return await establish(hub, account_id, connector, filled, keys)


async def _asked(session: AsyncSession, hub: Hub, connector: Connector, state: str) -> Authorisation:
    asked = await session.get(Authorisation, digest(state), with_for_update=True)
    if asked is None or asked.connector != connector.name or asked.expires_at <= hub.now():
        raise NotFound("Nobody waits for these keys any more. Start again from the connections.")
    return asked


def _screen(connector: Connector) -> KeyScreen:
    screen = screen_of(connector)
    if screen is None:
        raise NotFound("This platform has no page that allows keys.", code="connector_not_found")
    return screen
