"""Wix without an app: "Send via webhook" to an address only the owner knows, and "Webhook received" back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from connectors.contract import (
    Connection,
    EventUnreadable,
    Flow,
    Ignored,
    InboundEvent,
    Request,
    SpeechOrder,
    SpeechResult,
    Target,
    accepted,
    compose,
)

_TITLE: Final = 200


def parse(event: InboundEvent, connection: Connection) -> SpeechOrder | Ignored:
    """Each delivery is something of its own: the same fields sent again are the same thing."""
    fields = _sent(event.payload)
    said = json.dumps(fields, sort_keys=True, ensure_ascii=True)
    title, reference = fields.get("title"), fields.get("id")
    target = Target(
        f"sent:{hashlib.sha256(said.encode()).hexdigest()[:40]}",
        {"title": _short(title), "id": _short(reference)},
    )
    return compose(connection, fields, target)


def push(connection: Connection, target: Target, result: SpeechResult) -> Flow[None]:
    """Flat, so that each key is a variable in the automation."""
    body = {
        "audio_url": result.output_url,
        "duration_seconds": round(result.duration_seconds, 1),
        "job_id": result.generation_id,
        "language": result.language,
        "title": target.fields.get("title", ""),
        "id": target.fields.get("id", ""),
    }
    accepted((yield Request("POST", connection.address, json=body)), "start the automation")


def _sent(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Wix wraps what it sends in `data`; a structure of the owner's own may stand alone."""
    inner = payload.get("data", payload)
    if not isinstance(inner, Mapping):
        raise EventUnreadable("The field “data” is not what the platform documents.")
    return {name: value for name, value in inner.items() if name != "secret"}


def _short(value: object) -> str:
    return value[:_TITLE] if isinstance(value, str) else ""
