"""What a kept event means: the connector's verdict, or why there is none, in a sentence for the owner."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog
from anyio import to_thread

from connectors.connector import Connector
from connectors.errors import ConnectionBroken, ConnectorError, TargetGone, TryAgain
from connectors.reception import decide, events_of, read_event
from connectors.values import Connection, Found, Ignored, InboundEvent, Target, Verdict
from hub.connections.platform import Platform
from hub.connections.records import load_connection
from hub.connections.samples import sample_of
from hub.errors import HubError
from hub.store.blobs import BlobMissing
from hub.store.connection_tables import ConnectionRecord
from hub.store.connection_tables import InboundEvent as EventRow
from webhooks.errors import WebhookError
from webhooks.inbound import Verified

log = structlog.get_logger(__name__)

_LONGEST_NAME = 100
_FETCHED_ORIGINS = frozenset({"hook", "part"})


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Nothing can be made of the event as the connection stands; it may be read again after a change."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Several:
    """The delivery tells of several things, each of them an event of its own."""

    parts: tuple[InboundEvent, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """An event's name and what is to come of it. A broken connection and a busy platform leave it waiting.

    `awaited` is what on the platform waits for the audio, and must hear of it when there will be none.
    """

    name: str | None
    verdict: Verdict | Several | Unreadable | ConnectionBroken | TryAgain
    awaited: Target | None = None


async def read(platform: Platform, connector: Connector, record: ConnectionRecord, row: EventRow) -> Reading:
    """Never raises for what the event, the owner's options, the platform or the connector's code do."""
    name, awaited = row.name, None
    try:
        parts = await to_thread.run_sync(_events, connector, row)
        if len(parts) != 1:
            return Reading(name, _taken_apart(parts))
        (event,) = parts
        name = event.name[:_LONGEST_NAME] or None
        awaited = connector.awaited(event) if connector.awaited and row.origin != "test" else None
        if awaited is not None and awaited.until is not None and awaited.until <= platform.hub.now():
            return Reading(name, Ignored("Who asked for it waited in vain and waits no longer."))
        connection = _as_known(connector, await load_connection(platform.hub, record), row)
        if row.origin in _FETCHED_ORIGINS:
            event = await _fetched(platform, connector, record, event)
        # A template may take its time, within its budget; other deliveries go on meanwhile.
        return Reading(name, await to_thread.run_sync(decide, connector, event, connection), awaited)
    except (ConnectionBroken, TryAgain) as error:
        return Reading(name, error, awaited)
    except TargetGone:
        return Reading(name, Ignored("It is no longer there, so there is nothing to read."), awaited)
    except (ConnectorError, WebhookError) as error:
        return Reading(name, Unreadable(error.code, str(error)), awaited)
    except (HubError, BlobMissing):
        sentence = "The saved voice of this connection is no longer there. Choose another one and replay."
        return Reading(name, Unreadable("voice_missing", sentence), awaited)
    except Exception as error:
        log.error("connector_failed", connector=connector.name, error=type(error).__name__)
        sentence = "The connector could not read this event; that is a fault of the connector, not of yours."
        return Reading(name, Unreadable("connector_failed", sentence), awaited)


def preview(connector: Connector, connection: Connection, row: EventRow) -> Verdict:
    """What would come of an event with other options. Raises ConnectorError and WebhookError."""
    parts = _events(connector, row)
    if not parts:
        return Ignored("It tells of nothing.")
    return decide(connector, parts[0], _as_known(connector, connection, row))


def _as_known(connector: Connector, connection: Connection, row: EventRow) -> Connection:
    """The sample speaks of a place on the platform that only the connection it was made for knows."""
    return replace(connection, state=sample_of(connector).state) if row.origin == "test" else connection


def _events(connector: Connector, row: EventRow) -> tuple[InboundEvent, ...]:
    event = read_event(
        connector,
        Verified(row.delivery_id, row.payload),
        row.headers,
        connection_id=row.connection_id,
        received_at=row.received_at,
    )
    return events_of(connector, event)


def _taken_apart(parts: tuple[InboundEvent, ...]) -> Several | Ignored:
    return Several(parts) if parts else Ignored("It tells of nothing.")


async def _fetched(
    platform: Platform, connector: Connector, record: ConnectionRecord, event: InboundEvent
) -> InboundEvent:
    events, fetch = connector.manifest.events, connector.fetch
    if fetch is None or events is None or event.name not in events.handled:
        return event
    payload = await platform.run(connector, record, lambda connection: fetch(event, connection))
    return replace(event, payload=payload)


def written(connector: Connector, found: Found | InboundEvent) -> tuple[bytes, Mapping[str, str]]:
    """Payload and headers that read as this event again."""
    events = connector.manifest.events
    headers: dict[str, Any] = dict(found.headers) if isinstance(found, InboundEvent) else {}
    if events is not None and (names := events.header_names):
        headers = {name: value for name, value in headers.items() if name not in names}
        headers[names[0]] = found.name
    return json.dumps(dict(found.payload), ensure_ascii=False).encode(), headers
