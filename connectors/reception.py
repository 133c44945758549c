"""From a verified delivery to a named event, and from that to an order or the reason why not."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

from connectors.connector import Connector
from connectors.errors import ConnectorInvalid
from connectors.manifest import Source
from connectors.payload import at_path, read_form, read_object
from connectors.values import Connection, Found, Ignored, InboundEvent, SpeechOrder, Verdict
from webhooks.headers import HeaderSource, first
from webhooks.inbound import Verified

UNNAMED = ""
_FORM = "application/x-www-form-urlencoded"


def read_event(
    connector: Connector,
    verified: Verified,
    headers: HeaderSource,
    *,
    connection_id: str,
    received_at: datetime,
) -> InboundEvent:
    """Raises EventUnreadable (not JSON, no object, too deep; no form) and HeaderRepeated."""
    events = connector.manifest.events
    is_form = events is not None and events.forms and (first(headers, "content-type") or "").startswith(_FORM)
    payload = read_form(verified.payload) if is_form else read_object(verified.payload)
    pairs = headers.items() if hasattr(headers, "items") else headers
    draft = InboundEvent(
        connector.name,
        connection_id,
        UNNAMED,
        verified.delivery_id,
        {name.lower(): value for name, value in pairs},
        payload,
        received_at,
    )
    if events is None:
        return draft
    if events.name_from is None:
        return replace(draft, name=next(iter(events.handled)))
    return replace(draft, name=_found(events.name_from, draft, headers) or "")


def events_of(connector: Connector, event: InboundEvent) -> tuple[InboundEvent, ...]:
    """What one delivery tells of, each as an event with its own delivery id. Raises EventUnreadable."""
    if connector.split is None:
        return (event,)
    parts = connector.split(event)
    if len(parts) == 1:
        return (replace(event, name=parts[0].name, payload=parts[0].payload),)
    apart = {_part_id(event.delivery_id, part): part for part in parts}
    return tuple(
        replace(event, name=part.name, delivery_id=delivery_id, payload=part.payload)
        for delivery_id, part in apart.items()
    )


def connection_named(connector: Connector, verified: Verified, headers: HeaderSource) -> str | None:
    """For a shared hook: what the platform calls the connection a delivery belongs to (a shop, a site)."""
    verification = connector.manifest.verification
    if verification is None or verification.connection_from is None:
        return None
    return named_by(verification.connection_from, verified, headers)


def named_by(source: Source, verified: Verified, headers: HeaderSource) -> str | None:
    """What stands there. Raises EventUnreadable and HeaderRepeated."""
    if source.header is not None:
        return first(headers, source.header)
    return at_path(read_object(verified.payload), source.path or ())


def decide(connector: Connector, event: InboundEvent, connection: Connection) -> Verdict:
    """The connector's verdict. Raises EventUnreadable or MappingFailed: keep the event, show the sentence."""
    events, parse = connector.manifest.events, connector.parse
    if events is None or parse is None:
        return Ignored(f"{connector.manifest.name} sends no events.")
    if reason := events.ignored.get(event.name):
        return Ignored(reason)
    if what := events.sweeps.get(event.name):
        return Ignored(f"{what} Everything that is there is looked through for what is not spoken yet.")
    if event.name not in events.handled:
        shown = event.name[:80] or "without a name"
        return Ignored(f"The event {shown} is not one this connector handles.")
    verdict = parse(event, connection)
    if isinstance(verdict, SpeechOrder) and (verdict.target is None or verdict.spoken_hash is None):
        raise ConnectorInvalid(f"{connector.name}: parse must give its order a target and a spoken hash.")
    return verdict


def _found(source: Source, event: InboundEvent, headers: HeaderSource) -> str | None:
    if source.header is not None:
        return first(headers, source.header)
    return at_path(event.payload, source.path or ())


def _part_id(delivery_id: str, part: Found) -> str:
    return hashlib.sha256(f"{delivery_id}\n{part.delivery_id}".encode("utf-8", "replace")).hexdigest()
