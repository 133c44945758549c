"""A connector's own sample event: what "Send a test event" reads on a connection."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from connectors.connector import Connector
from connectors.reception import decide, events_of, read_event
from connectors.values import Connection, SpeechOrder
from hub.errors import Conflict
from webhooks.inbound import Verified

_SOME_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""No connector reads the time at which an event came."""


@dataclass(frozen=True, slots=True)
class Sample:
    """`state` is what the connection it was made for had learnt of its platform."""

    payload: bytes
    headers: Mapping[str, str]
    state: Mapping[str, Any]


def sample_of(connector: Connector) -> Sample:
    """The first fixture that speaks as it came, with no option of its own. Raises Conflict without one."""
    for path in connector.fixtures:
        data: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if "text" in data.get("expected", {}) and not data.get("options"):
            sample = _sample(connector, path, data)
            if _spoken(connector, sample) == data["expected"]["text"]:
                return sample
    raise Conflict("This connector has no sample event.")


def _sample(connector: Connector, path: Path, data: Mapping[str, Any]) -> Sample:
    events = connector.manifest.events
    headers = {name.lower(): str(value) for name, value in data.get("headers", {}).items()}
    if events is not None and (names := events.header_names):
        headers[names[0]] = _event_of(path.stem, [*events.handled])
    body = json.dumps(data["payload"], ensure_ascii=False).encode()
    return Sample(body, headers, data.get("state", {}))


def _spoken(connector: Connector, sample: Sample) -> str | None:
    """What is read of it without asking the platform for more."""
    verified = Verified("sample", sample.payload)
    event = read_event(connector, verified, sample.headers, connection_id="sample", received_at=_SOME_TIME)
    parts = events_of(connector, event)
    connection = Connection("sample", connector.name, connector.options({}), state=sample.state)
    verdict = decide(connector, parts[0], connection) if len(parts) == 1 else None
    return verdict.request.text if isinstance(verdict, SpeechOrder) else None


def _event_of(stem: str, declared: Sequence[str]) -> str:
    written = stem.split("__")[0]
    return next(name for name in declared if re.sub(r"[^A-Za-z0-9.]", "_", name) == written)
