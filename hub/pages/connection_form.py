"""The connect form as it came from a browser, and what it would make of an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import select

from connectors.connector import Connector
from connectors.errors import ConnectorError
from connectors.flow import MOST_SETTING_UP
from connectors.manifest import Option
from connectors.values import Choice, Connection, Ended, Ignored
from engine.values import Mode
from hub.connections.connecting import guarded_client
from hub.connections.form import Filled, credential_fields
from hub.connections.platform import Platform
from hub.connections.reading import preview
from hub.connections.samples import sample_of
from hub.errors import Conflict
from hub.money.prices import order_price
from hub.pages.page import Visit
from hub.store.connection_tables import ConnectionRecord, InboundEvent
from webhooks.errors import WebhookError

_PREFIX: Final = "option-"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be heard of an event, or the sentence why nothing would; `credits` is what it would cost."""

    text: str = ""
    sentence: str = ""
    credits: int = 0
    of: str = ""


def filled_in(visit: Visit, connector: Connector) -> Filled:
    """What was typed; an empty box counts as not given."""
    credentials = {
        entry.name: visit.field(entry.name)
        for entry in credential_fields(connector)
        if visit.field(entry.name)
    }
    return Filled(
        name=visit.field("name")[:100] or None,
        address=visit.field("address") or None,
        credentials=credentials or None,
        options={option.name: _value(visit, option) for option in connector.form},
        hook_secret=visit.field("hook_secret") or None,
    )


def _value(visit: Visit, option: Option) -> Any:
    given = visit.field(_PREFIX + option.name)
    match option.type:
        case "yes_no":
            return given == "yes"
        case "number":
            digits = given.replace(",", "")
            return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else given
    return given


def defaults(connector: Connector) -> dict[str, Any]:
    return {option.name: option.default for option in connector.form}


async def choices_of(
    visit: Visit, connector: Connector, record: ConnectionRecord
) -> Mapping[str, Sequence[Choice]]:
    """What may be picked on the platform, for each option that is picked there; none when it does not say."""
    picked = [option.name for option in connector.form if option.type == "pick"]
    choices = connector.choices
    if choices is None or not picked:
        return {}
    found: dict[str, Sequence[Choice]] = {}
    async with guarded_client(visit.hub) as client:
        platform = Platform(visit.hub, client)
        for name in picked:

            def ask(connection: Connection, name: str = name) -> Any:
                return choices(connection, name)

            try:
                found[name] = await platform.run(connector, record, ask, most=MOST_SETTING_UP)
            except ConnectorError as error:
                log.info("choices_not_found", connector=connector.name, code=error.code)
                break
    return found


async def previewed(visit: Visit, connector: Connector, connection: Connection) -> Preview:
    """Over the newest event that is kept, else over the connector's own sample."""
    event, of = await _newest(visit, connector, connection.id)
    if event is None:
        return Preview(sentence="There is no event to show it on yet.")
    try:
        verdict = preview(connector, connection, event)
    except (ConnectorError, WebhookError) as error:
        return Preview(sentence=str(error), of=of)
    match verdict:
        case Ignored() | Ended():
            return Preview(sentence=verdict.reason, of=of)
    credits = order_price(Mode(verdict.request.mode), len(verdict.parts))
    return Preview(verdict.request.text, credits=credits, of=of)


async def _newest(visit: Visit, connector: Connector, connection_id: str) -> tuple[InboundEvent | None, str]:
    chosen = select(InboundEvent).where(
        InboundEvent.connection_id == connection_id,
        InboundEvent.payload != b"",
        InboundEvent.origin != "test",
    )
    async with visit.hub.database.reading() as session:
        event = await session.scalar(chosen.order_by(InboundEvent.received_at.desc()).limit(1))
    if event is not None:
        return event, "your newest event"
    try:
        sample = sample_of(connector)
    except Conflict:
        return None, ""
    drafted = InboundEvent(
        connection_id=connection_id,
        delivery_id="sample",
        payload=sample.payload,
        headers=dict(sample.headers),
        origin="test",
        received_at=visit.hub.now(),
    )
    return drafted, "a sample event"
