"""What every connector's fixtures promise: the order, the pushes, and nothing undeclared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from connectors.connector import Connector
from connectors.credentials import origin_of
from connectors.echo import already_spoken
from connectors.errors import ConnectorError, EventUnreadable, PushFailed
from connectors.flow import Flow
from connectors.reception import events_of
from connectors.values import Ended, Ignored, SpeechOrder, Verdict
from tests.connectors.fixtures import CONNECTORS, FIXTURES, Fixture, play, result_of

every_fixture = pytest.mark.parametrize("fixture", FIXTURES.values(), ids=list(FIXTURES))
every_connector = pytest.mark.parametrize("connector", CONNECTORS.values(), ids=list(CONNECTORS))
PUSHES = {
    f"{name}: {push['case']}": (fixture, push)
    for name, fixture in FIXTURES.items()
    for push in fixture.data.get("pushes", ())
}


def test_there_are_connectors_with_fixtures_and_pushes() -> None:
    assert CONNECTORS
    assert FIXTURES
    assert PUSHES


@every_fixture
def test_the_event_is_the_one_the_file_is_named_for(fixture: Fixture) -> None:
    event = fixture.received()
    assert event.name == fixture.event
    assert event.delivery_id
    assert event.payload


@every_fixture
def test_what_comes_of_it_is_what_the_file_says(fixture: Fixture) -> None:
    for part, expected in enumerate(fixture.expected):
        if "failed" in expected:
            with pytest.raises(ConnectorError) as caught:
                fixture.verdict(part)
            assert caught.value.code == expected["failed"]
            assert str(caught.value).startswith(expected["sentence"])
            continue
        verdict = fixture.verdict(part)
        if "ignored" in expected:
            assert verdict == Ignored(expected["ignored"])
        elif "ended" in expected:
            assert isinstance(verdict, Ended)
            assert (verdict.reason, verdict.erase) == (expected["ended"], expected["erase"])
        else:
            _check_order(verdict, expected, fixture)


@every_fixture
def test_a_part_of_a_delivery_could_have_come_alone(fixture: Fixture) -> None:
    try:
        parts = events_of(fixture.connector, fixture.received())
    except EventUnreadable:
        return
    assert len({part.delivery_id for part in parts}) == len(parts)
    for part in parts:
        assert events_of(fixture.connector, part) == (part,)
        assert part.name == fixture.event


def _check_order(order: Verdict, expected: Mapping[str, Any], fixture: Fixture) -> None:
    assert isinstance(order, SpeechOrder), order
    assert order.request.text == expected["text"]
    assert order.request.language == expected.get("language", "auto")
    assert order.target is not None
    assert order.target.key == expected["target"]
    assert order.source == fixture.connector.name
    assert len(order.parts) >= expected.get("parts", 0)
    assert bool(order.parts) == ("parts" in expected)
    if "same_as" in expected:
        first = fixture.sibling(expected["same_as"]).verdict()
        assert isinstance(first, SpeechOrder)
        assert already_spoken(order, first.spoken_hash)


@pytest.mark.parametrize(("fixture", "push"), PUSHES.values(), ids=list(PUSHES))
def test_the_push_asks_what_the_file_says(fixture: Fixture, push: Mapping[str, Any]) -> None:
    order = fixture.verdict()
    assert isinstance(order, SpeechOrder)
    assert order.target is not None
    flow = fixture.connector.push(fixture.connection, order.target, result_of(order))
    steps = json.loads(json.dumps(push["steps"]).replace("{spoken_hash}", order.spoken_hash or ""))
    assert played(flow, steps) == push["outcome"]


def played(flow: Flow[Any], steps: list[Mapping[str, Any]]) -> str:
    """Drive `flow` by hand through `steps`; "pushed", or the code of what it raised."""
    try:
        play(flow, steps)
    except PushFailed as error:
        return error.code
    return "pushed"


@every_connector
def test_every_declared_event_has_a_fixture(connector: Connector) -> None:
    events = connector.manifest.events
    shown = {fixture.event for fixture in FIXTURES.values() if fixture.connector is connector}
    assert shown == ({*events.handled, *events.ignored, *events.sweeps} if events else set())


@every_connector
def test_every_request_goes_where_the_credentials_may_go(connector: Connector) -> None:
    for fixture, push in PUSHES.values():
        if fixture.connector is connector:
            addresses = {origin_of(step["request"]["url"]) for step in push["steps"]}
            assert addresses <= connector.origins(fixture.connection)


@every_connector
def test_the_page_and_the_icon_can_be_shown(connector: Connector) -> None:
    page = connector.page
    assert page.text.startswith(f"# {page.title}\n")
    icon = page.icon.read_text("utf-8")
    assert icon.startswith("<svg")
    assert "<script" not in icon
    assert "href" not in icon


@every_connector
def test_the_form_takes_its_own_defaults(connector: Connector) -> None:
    defaults = {option.name: option.default for option in connector.form}
    assert connector.options({}) == defaults
