"""A connector's fixtures: `<event>__<case>.json`, read, named and turned into deliveries."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from connectors.connector import Connector
from connectors.discovery import discover
from connectors.flow import Flow, Request, Response
from connectors.reception import decide, events_of, read_event
from connectors.values import Connection, InboundEvent, SpeechOrder, SpeechResult, Verdict
from tests.connectors.senders import Delivery, deliver, secret_of

T = TypeVar("T")
NOW = datetime(2026, 11, 22, 16, 1, 5, tzinfo=UTC)
SHOP = "https://shop.example"
CONNECTORS = discover()
FIELDS = {"about", "headers", "payload", "options", "state", "fetch", "expected", "pushes"}


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
        declared = [*events.handled, *events.ignored, *events.sweeps]
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
        names = None if events is None or events.name_from is None else events.name_from.header
        named = {} if names is None else {names if isinstance(names, str) else names[0]: self.event}
        return {"Content-Type": "application/json", **self.data.get("headers", {}), **named}

    def delivery(self, now: datetime = NOW, *, other: bool = False) -> Delivery:
        return deliver(self.connector, self.headers, self.body, now, other=other)

    def received(self) -> InboundEvent:
        return receive(self.connector, self.delivery())

    @property
    def expected(self) -> list[Mapping[str, Any]]:
        """One entry for each thing the delivery tells of."""
        expected = self.data["expected"]
        return expected if isinstance(expected, list) else [expected]

    def event_of(self, part: int = 0) -> InboundEvent:
        """The `part`th thing of the delivery, fetched as the file says."""
        parts = events_of(self.connector, self.received())
        assert len(parts) == len(self.expected), f"{self.path.name} tells of {len(parts)} things"
        steps = self.data.get("fetch", ())
        if steps and isinstance(self.data["expected"], list):
            steps = steps[part]
        return self._fetched(parts[part], steps)

    def _fetched(self, event: InboundEvent, steps: Sequence[Mapping[str, Any]]) -> InboundEvent:
        if self.connector.fetch is None:
            assert not steps, f"{self.path.name}: this connector has no fetch"
            return event
        return replace(event, payload=play(self.connector.fetch(event, self.connection), steps))

    def verdict(self, part: int = 0) -> Verdict:
        return decide(self.connector, self.event_of(part), self.connection)

    def sibling(self, name: str) -> Fixture:
        return read(self.connector, self.path.with_name(f"{name}.json"))


def play(flow: Flow[T], steps: Sequence[Mapping[str, Any]]) -> T:
    """Drive `flow` by hand: each request must be the step's, and is sent its response."""
    left = list(steps)
    try:
        request = next(flow)
        while True:
            assert left, f"one request too many: {request.method} {request.url}"
            step = left.pop(0)
            assert shown(request) == step["request"]
            request = flow.send(answer(step["response"]))
    except StopIteration as done:
        result: T = done.value
        return result
    finally:
        assert not left, f"{len(left)} requests were not made"


def shown(request: Request) -> dict[str, Any]:
    body = {} if request.json is None else {"json": request.json}
    return {"method": request.method, "url": request.url, **body}


def answer(data: Mapping[str, Any]) -> Response:
    body = data["text"].encode() if "text" in data else json.dumps(data.get("json")).encode()
    return Response(data["status"], data.get("headers", {}), body)


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
