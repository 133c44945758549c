"""Every connector's every fixture, spoilt: nothing unsigned, old, foreign or unreadable becomes an order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from connectors.errors import ConnectorError, EventUnreadable
from connectors.payload import read_object
from connectors.reception import decide
from connectors.values import Ignored, InboundEvent, SpeechOrder
from tests.connectors.fixtures import FIXTURES, NOW, Fixture, receive
from tests.connectors.senders import LONG_AGO, Delivery, deliver
from webhooks.errors import NotVerified, OutsideWindow, SecretMissing, SignatureMismatch

every_fixture = pytest.mark.parametrize("fixture", FIXTURES.values(), ids=list(FIXTURES))
OTHER_KINDS: tuple[Any, ...] = (
    None,
    True,
    -1,
    1.5,
    "",
    "x" * 3000,
    [],
    {},
    [[]],
    {"a": []},
    "\ud800\x00",
    10**30,
)


@every_fixture
def test_one_flipped_bit_is_refused(fixture: Fixture) -> None:
    delivery = fixture.delivery()
    random = Random(fixture.path.stem)
    bits = len(delivery.body) * 8
    for position in [0, bits - 1, *(random.randrange(bits) for _ in range(30))]:
        with pytest.raises(NotVerified):
            receive(fixture.connector, delivery.with_bit_flipped(position))


@every_fixture
def test_another_secret_is_refused(fixture: Fixture) -> None:
    with pytest.raises(SignatureMismatch):
        receive(fixture.connector, fixture.delivery(other=True))


@every_fixture
def test_a_missing_signature_header_is_refused(fixture: Fixture) -> None:
    delivery = fixture.delivery()
    for header in delivery.signed_headers:
        with pytest.raises(NotVerified):
            receive(fixture.connector, delivery.without(header))


@every_fixture
def test_an_old_delivery_is_refused_or_is_the_same_delivery(fixture: Fixture) -> None:
    old = fixture.delivery(NOW - LONG_AGO)
    if old.timed:
        with pytest.raises(OutsideWindow):
            receive(fixture.connector, old)
    else:
        # No time is signed: a replay is known by its delivery id instead.
        assert receive(fixture.connector, old).delivery_id == fixture.received().delivery_id


@every_fixture
def test_without_a_secret_nothing_gets_in(fixture: Fixture) -> None:
    delivery = fixture.delivery()
    with pytest.raises(SecretMissing):
        fixture.connector.verifier([""]).verify(delivery.headers, delivery.body, NOW)


@every_fixture
def test_a_signed_body_that_is_no_object_is_unreadable(fixture: Fixture) -> None:
    nested = b'{"a":' * 150_000 + b"1" + b"}" * 150_000
    bodies = [fixture.body[:-1], b"", b"[]", b"null", b'"text"', b"\xff\xfe", b'{"a":NaN}', nested]
    for body in bodies:
        with pytest.raises((EventUnreadable, NotVerified)):
            receive(fixture.connector, _signed(fixture, body))


@every_fixture
def test_an_event_nobody_declared_is_ignored(fixture: Fixture) -> None:
    for name in ("some.other_event", "", "x" * 5000):
        verdict = decide(fixture.connector, replace(fixture.received(), name=name), fixture.connection)
        assert isinstance(verdict, Ignored)
        assert len(verdict.reason) < 200


@every_fixture
def test_wrong_types_never_break_it(fixture: Fixture) -> None:
    event = fixture.received()
    for spoilt_payload in spoilt(fixture.data["payload"]):
        payload = read_object(json.dumps(spoilt_payload).encode())
        said = outcome(fixture, replace(event, payload=payload))
        assert 0 < len(said.encode()) < 300_000
        assert "\x00" not in said


def outcome(fixture: Fixture, event: InboundEvent) -> str:
    """The text, the reason or the sentence that comes of `event`; any other error is the test's failure."""
    try:
        verdict = decide(fixture.connector, event, fixture.connection)
    except ConnectorError as error:
        return str(error)
    return verdict.request.text if isinstance(verdict, SpeechOrder) else verdict.reason


def spoilt(payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """`payload` with each of its values in turn taken away, or put in another kind."""
    for path in paths(payload):
        yield changed(payload, path, None, remove=True)
        for other in OTHER_KINDS:
            yield changed(payload, path, other)


def paths(value: Any) -> Iterator[tuple[Any, ...]]:
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in entries:
        yield (key,)
        yield from ((key, *rest) for rest in paths(inner))


def changed(
    payload: dict[str, Any], path: tuple[Any, ...], other: Any, *, remove: bool = False
) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(payload))
    place: Any = copy
    for key in path[:-1]:
        place = place[key]
    if remove:
        del place[path[-1]]
    else:
        place[path[-1]] = other
    return copy


def _signed(fixture: Fixture, body: bytes) -> Delivery:
    """`body` signed as it stands; where the body is the token, the token is cut instead."""
    try:
        return deliver(fixture.connector, fixture.headers, body, NOW)
    except (ValueError, TypeError, RecursionError):
        whole = fixture.delivery()
        return replace(whole, body=whole.body[: len(whole.body) // 2])
