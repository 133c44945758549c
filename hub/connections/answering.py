"""What a platform asks and waits for: answered at once, and what is to be done kept as an event first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from anyio import to_thread
from sqlalchemy import select

from connectors.connector import Connector
from connectors.contract import Connection, Question, Reply, Standing
from connectors.errors import EventUnreadable
from connectors.flow import Response
from connectors.payload import read_object
from connectors.reception import named_by
from hub.connections.inbox import Arrival, Inbox
from hub.connections.reading import written
from hub.connections.records import ConnectionStatus, app_of, app_secrets, connection_of, load_connection
from hub.errors import BadRequest, NotFound
from hub.hub import Hub
from hub.money.prices import PRICES
from hub.store.connection_tables import ConnectionRecord
from hub.store.tables import Account

_LONGEST_ID = 255
_HALTED = "The connection is not live; its owner sees why in Sayhook."


async def answer(
    hub: Hub, inbox: Inbox, connector: Connector, asked: str, headers: Sequence[tuple[str, str]], body: bytes
) -> Response:
    """The connector's reply to `asked`, its event on disk. Raises NotVerified before anything is looked at.

    Raises NotFound for a question nobody declared and for an installation that is not connected, BadRequest
    for what is signed but cannot be read. A connection that is not live says so in the platform's own words.
    """
    questions, reply = connector.manifest.questions, connector.reply
    if questions is None or reply is None or asked not in questions.asked:
        raise NotFound("Nothing is asked at this address.", code="hook_not_found")
    app = app_of(hub.settings, connector)
    now = hub.now()
    verified = connector.questioner(app_secrets(app), app.client_id).verify(headers, body, now)
    try:
        payload = read_object(verified.payload)
        record = await _connection(hub, connector, named_by(questions.connection_from, verified, headers))
        connection = await _as_it_stands(hub, record)
        standing = await _standing(hub, record)
        # What is spoken is composed to be judged: a template may take its time, and others wait for answers.
        given = await to_thread.run_sync(reply, Question(asked, payload, now), connection, standing)
    except EventUnreadable as error:
        raise BadRequest(str(error), code=error.code) from error
    if given.event is not None and not standing.halted:
        kept, named = written(connector, given.event)
        await inbox.keep(Arrival(record.id, given.event.delivery_id, kept, dict(named), now))
    return _response(given)


async def _connection(hub: Hub, connector: Connector, external_id: str | None) -> ConnectionRecord:
    async with hub.database.reading() as session:
        record: ConnectionRecord | None = await session.scalar(
            select(ConnectionRecord).where(
                ConnectionRecord.connector == connector.name,
                ConnectionRecord.external_id == (external_id or "")[:_LONGEST_ID],
            )
        )
    if record is None:
        raise NotFound("There is no such connection.", code="connection_not_found")
    return record


async def _as_it_stands(hub: Hub, record: ConnectionRecord) -> Connection:
    """Who invokes us while the saved voice is gone hears of it when the event is read."""
    try:
        return await load_connection(hub, record)
    except NotFound:
        return connection_of(record)


async def _standing(hub: Hub, record: ConnectionRecord) -> Standing:
    async with hub.database.reading() as session:
        free = await session.scalar(select(Account.credits).where(Account.id == record.account_id)) or 0
    prices: Mapping[str, int] = {mode.value: price for mode, price in PRICES.items()}
    halted = "" if record.status == ConnectionStatus.LIVE else _HALTED
    return Standing(free, prices, f"{hub.settings.base_url}/pricing", halted)


def _response(given: Reply) -> Response:
    body: Any = dict(given.json)
    headers = {"content-type": "application/json"}
    return Response(given.status, headers, json.dumps(body, ensure_ascii=False).encode())
