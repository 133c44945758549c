"""What an owner may pick for an option of a connection, as the platform itself calls it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from connectors.errors import ConnectorError
from connectors.flow import MOST_SETTING_UP
from connectors.values import Choice
from hub.connections.catalogue import connector_named
from hub.connections.connecting import guarded_client
from hub.connections.platform import Platform
from hub.connections.records import find_connection
from hub.errors import NotFound, Unprocessable
from hub.hub import Hub

_LONGEST: Final = 200


async def offered(
    hub: Hub, account_id: str, connection_id: str, option: str, chosen: Mapping[str, str]
) -> Sequence[Choice]:
    """The choices for `option`, given what is `chosen` for the connection's other picks in an open form.

    Raises NotFound for an option that is not picked, Unprocessable with the platform's reason.
    """
    async with hub.database.reading() as session:
        record = await find_connection(session, account_id, connection_id)
    connector = connector_named(hub.settings, record.connector)
    picks = [entry.name for entry in connector.manifest.options if entry.type == "pick"]
    ask = connector.choices
    if ask is None or option not in picks:
        known = ", ".join(picks) or "no such options"
        raise NotFound(f"Nothing is picked under this name; there are {known}.", code="option_not_found")
    given = {name: chosen[name][:_LONGEST] for name in picks if name in chosen}
    async with guarded_client(hub) as client:
        try:
            return await Platform(hub, client).run(
                connector,
                record,
                lambda connection: ask(replace(connection, options={**connection.options, **given}), option),
                most=MOST_SETTING_UP,
            )
        except ConnectorError as error:
            raise Unprocessable("connection", str(error)) from error
