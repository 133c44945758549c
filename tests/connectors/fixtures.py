"""A connector's fixtures: `<event>__<case>.json`, read, named and turned into deliveries."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.connector import Connector
from connectors.discovery import discover
from connectors.reception import decide, read_event
from connectors.values import Connection, InboundEvent, SpeechOrder, SpeechResult, Verdict
from tests.connectors.senders import Delivery, deliver, secret_of

NOW = datetime(2026, 11, 22, 16, 1, 5, tzinfo=UTC)
SHOP = "https://shop.example"
CONNECTORS = discover()
FIELDS = {"about", "headers", "payload", "options", "state", "expected", "pushes"}


@dataclass(frozen=True)
class Fixture:
    connector: Connector
    path: Path
    data: Mapping[str, Any]

    @property
    def event(self) -> str:
        """The declared event the file is named for; what is no letter, digit or dot is written `_`."""
        written = self.path.stem.split("__")[0]
        events = self.connector.manifest.events
        assert events is not None
        declared = [*events.handled, *events.ignored]
        matching = [event for event in declared if re.sub(r"[^A-Za-z0-9.]", "_", event) == written]
        assert len(matching) == 1, f"{self.path.name}: no declared event is written {written}"
        return matching[0]

    @property
    def body(self) -> bytes:
        return json.dumps(self.data["payload"], ensure_ascii=False).encode()

    @property
    def connection(self) -> Connection:
        options = self.connector.options(self.data.get("options", {}))
        address = SHOP if self.connector.manifest.address else ""
        return Connection("c1", self.connector.name, options, address, self.data.get("state", {}))

    @property
    def headers(self) -> dict[str, str]:
        """Those of the file, and the event's name where the platform sends it in one."""
        events = self.connector.manifest.events
        names = None if events is None else events.name_from.header
        named = {} if names is None else {names if isinstance(names, str) else names[0]: self.event}
        return {"Content-Type": "application/json", **self.data.get("headers", {}), **named}

    def delivery(self, now: datetime = NOW, *, other: bool = False) -> Delivery:
        return deliver(self.connector, self.headers, self.body, now, other=other)

    def received(self) -> InboundEvent:
        return receive(self.connector, self.delivery())

    def verdict(self) -> Verdict:
        return decide(self.connector, self.received(), self.connection)

    def sibling(self, name: str) -> Fixture:
        return read(self.connector, self.path.with_name(f"{name}.json"))


def receive(connector: Connector, delivery: Delivery) -> InboundEvent:
    """What the hub does with a request: verify, then read. Raises what either raises."""
    verified = connector.verifier([secret_of(connector)]).verify(delivery.headers, delivery.body, NOW)
    return read_event(connector, verified, delivery.headers, connection_id="c1", received_at=NOW)


def result_of(order: SpeechOrder) -> SpeechResult:
    assert order.spoken_hash is not None
    url = "https://hub.example/a/lasting.mp3"
    return SpeechResult("g1", url, order.spoken_hash, 4.2, "audio/mpeg", "en")


def read(connector: Connector, path: Path) -> Fixture:
    data = json.loads(path.read_text("utf-8"))
    assert set(data) <= FIELDS, f"{path.name}: {sorted(set(data) - FIELDS)} are not known"
    return Fixture(connector, path, data)


def every_fixture() -> Iterator[Fixture]:
    for connector in CONNECTORS.values():
        for path in connector.fixtures:
            yield read(connector, path)


FIXTURES = {f"{fixture.connector.name}/{fixture.path.stem}": fixture for fixture in every_fixture()}
