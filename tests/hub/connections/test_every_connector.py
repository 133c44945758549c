"""Every connector through the hub's door, from its folder alone: what is spoilt leaves no row, and no 500."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import delete, select

from connectors.connector import Connector
from connectors.reception import connection_named
from hub import rotation
from hub.connections.jobs import events_job
from hub.connections.records import seal_credentials
from hub.store.connection_tables import ConnectionRecord, InboundEvent, Refusal
from hub.store.database import Database
from tests.connectors.fixtures import CONNECTORS, FIXTURES, NOW, Fixture
from tests.connectors.senders import LONG_AGO, Delivery, deliver, secret_of
from tests.connectors.test_refusals import OTHER_KINDS, paths, spoilt
from tests.databases import Prepare
from tests.hub.connections.conftest import TickingClock, Workshop, workshop_on
from tests.hub.running import eventually
from webhooks import signing
from webhooks.inbound.secret_url import HEADER as IN_THE_ADDRESS

HEARD = {name: one for name, one in CONNECTORS.items() if one.manifest.verification is not None}
NESTED = b'{"a":' * 150_000 + b"1" + b"}" * 150_000
OTHER_NAME, TYPES_TRIED = "some.other_event", 40


@pytest_asyncio.fixture
async def workshop(tmp_path: Path, redis_url: str, prepare_sqlite: Prepare) -> AsyncIterator[Workshop]:
    """At the fixtures' own time, with the app of every platform, and no platform that answers."""
    database, clock = Database(prepare_sqlite(tmp_path)), TickingClock()
    clock.instant = NOW
    apps = {name: {"client_id": "app", "client_secret": secret_of(one)} for name, one in HEARD.items()}
    away = {host: "http://127.0.0.1:9" for one in HEARD.values() for host in one.manifest.hosts}
    async with workshop_on(database, tmp_path, redis_url, clock, apps=apps, stand_ins=away) as made:
        yield made
    await database.close()


class Door:
    """One connector's hook, and what stands behind it."""

    def __init__(self, workshop: Workshop, connector: Connector, fixture: Fixture) -> None:
        self.workshop, self.connector, self.fixture = workshop, connector, fixture
        self.id = f"00000000-0000-4000-8000-{abs(hash(connector.name)) % 10**12:012d}"

    async def open(self) -> None:
        hub, whole = self.workshop.hub, self.fixture.delivery()
        typed = {one.name: "t" for one in getattr(self.connector.manifest.auth, "fields", ())}
        verified = self.connector.verifier([secret_of(self.connector)]).verify(whole.headers, whole.body, NOW)
        verification = self.connector.manifest.verification
        shared = verification is not None and verification.shared
        record = ConnectionRecord(
            id=self.id,
            account_id=self.workshop.customer.account_id,
            connector=self.connector.name,
            name="Here",
            external_id=connection_named(self.connector, verified, list(whole.headers.items()))
            if shared
            else None,
            address=self.fixture.connection.address,
            credentials=seal_credentials(hub.secrets, {"access_token": "t", **typed}),
            hook_secrets=rotation.sealed(hub.secrets, secret_of(self.connector)),
            options=dict(self.fixture.connection.options),
            state=dict(self.fixture.connection.state),
            status="live",
            spoken=0,
            ignored=0,
            failed=0,
            pushed=0,
            created_at=hub.now(),
        )
        async with hub.database.transaction() as session:
            session.add(record)

    async def send(self, delivery: Delivery) -> int:
        path = self.connector.hook_path(self.id) or ""
        if secret := delivery.headers.get(IN_THE_ADDRESS):
            path = f"{path}/{secret}"
        answer = await self.workshop.client.post(path, headers=delivery.headers, content=delivery.body)
        return answer.status_code

    async def rows(self) -> list[InboundEvent]:
        async with self.workshop.hub.database.reading() as session:
            chosen = select(InboundEvent).where(InboundEvent.connection_id == self.id)
            return list((await session.scalars(chosen.order_by(InboundEvent.received_at))).all())

    async def counted(self) -> bool:
        return await self.workshop.count(Refusal) > 0

    async def forget(self) -> None:
        """What would be asked of a platform that does not answer."""
        async with self.workshop.hub.database.transaction() as session:
            await session.execute(delete(InboundEvent))

    async def read(self) -> list[InboundEvent]:
        """The rows once they were read."""
        await self.workshop.errand(events_job(self.id))
        return await self.rows()


@pytest.mark.parametrize("name", HEARD)
async def test_what_is_spoilt_is_refused_or_answered_as_it_must_be(workshop: Workshop, name: str) -> None:
    connector = HEARD[name]
    fixture = next(
        one for one in FIXTURES.values() if one.connector is connector and "text" in one.expected[0]
    )
    door = Door(workshop, connector, fixture)
    await door.open()
    for delivery in _unsigned(fixture):
        assert await door.send(delivery) == 401
    assert await door.rows() == []
    verification = connector.manifest.verification
    if verification is not None and not verification.shared:
        await eventually(door.counted, 5)

    whole = fixture.delivery()
    assert {await door.send(whole) for _ in range(3)} == {200}
    assert len(await door.rows()) == 1, "a replay is the same delivery"
    await door.forget()
    for body in _unreadable(fixture):
        assert await door.send(_signed(fixture, body)) in (200, 401)
    assert {row.code for row in await door.read()} <= {"event_unreadable"}
    undeclared = _undeclared(fixture)
    if undeclared is not None:
        assert await door.send(undeclared) == 200
        newest = (await door.read())[-1]
        assert (newest.verdict, newest.name) == ("ignored", OTHER_NAME)

    for body in _wrong_types(fixture):
        assert await door.send(_signed(fixture, body)) == 200
    codes = {row.code for row in await door.read()}
    assert "connector_failed" not in codes


def _unsigned(fixture: Fixture) -> Iterator[Delivery]:
    whole, random = fixture.delivery(), Random(fixture.path.stem)
    for _ in range(0 if IN_THE_ADDRESS in whole.headers else 8):
        yield whole.with_bit_flipped(random.randrange(len(whole.body) * 8))
    for header in whole.signed_headers:
        yield whole.without(header)
    yield fixture.delivery(other=True)
    if whole.timed:
        yield fixture.delivery(NOW - LONG_AGO)
    if whole.timed and whole.signed_headers:
        yield fixture.delivery(NOW + LONG_AGO)  # a token has an end, and may begin when it likes


def _unreadable(fixture: Fixture) -> list[bytes]:
    return [fixture.body[:-1], b"", b"[]", b"\xff\xfe", b'{"a":NaN}', NESTED]


def _wrong_types(fixture: Fixture) -> list[bytes]:
    """So many of the payload's spoilt forms, spread over all its fields."""
    payload = fixture.data["payload"]
    every = max(1, len(list(paths(payload))) * (1 + len(OTHER_KINDS)) // TYPES_TRIED)
    return [json.dumps(one).encode() for one in islice(spoilt(payload), 3, None, every)]


def _undeclared(fixture: Fixture) -> Delivery | None:
    """Signed as it should be, and named as nobody has declared; None where deliveries have no name."""
    events = fixture.connector.manifest.events
    if events is None or events.name_from is None:
        return None
    names, path = events.name_from.header_names, events.name_from.path or ()
    payload = json.loads(fixture.body)
    if path:
        payload = _renamed(payload, path)
    delivery = _signed(fixture, json.dumps(payload).encode() + b" ")
    headers = {
        name: OTHER_NAME if name.lower() in names else delivery.headers[name] for name in delivery.headers
    }
    return replace(delivery, headers=headers)


def _renamed(value: Any, path: Sequence[str]) -> Any:
    """Strings on the path hold JSON, as they do for the connector."""
    if not path:
        return OTHER_NAME
    if isinstance(value, str):
        return json.dumps(_renamed(json.loads(value), path))
    return {**value, path[0]: _renamed(value[path[0]], path[1:])}


def _signed(fixture: Fixture, body: bytes) -> Delivery:
    """`body` as a delivery of its own; where the body is the token, the token is cut instead."""
    verification = fixture.connector.manifest.verification
    assert verification is not None
    try:
        delivery = deliver(fixture.connector, fixture.headers, body, NOW)
    except (ValueError, TypeError, RecursionError):
        whole = fixture.delivery()
        return replace(whole, body=whole.body[: len(whole.body) // 2])
    own = hashlib.sha256(body).hexdigest()[:20]
    if verification.scheme == "standard_webhooks":
        signed = signing.sign([secret_of(fixture.connector)], own, int(NOW.timestamp()), body)
        return replace(delivery, headers={**delivery.headers, **signed})
    named = verification.options.get("delivery_header") or ()
    names = {name.lower() for name in ([named] if isinstance(named, str) else named)}
    renamed = {name: own for name in delivery.headers if name.lower() in names}
    return replace(delivery, headers={**delivery.headers, **renamed})
