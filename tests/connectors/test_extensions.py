"""What a connector may offer beyond parse and push: several things in one delivery, fetching, picking."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from connectors.connector import Connector
from connectors.discovery import discover
from connectors.errors import ConnectorInvalid
from connectors.flow import Request, Response
from connectors.reception import decide, events_of
from connectors.values import Choice, Connection, Ignored, InboundEvent, SpeechOrder
from tests.connectors.test_discovery import CODE, MANIFEST, NOW, folder_of
from tests.connectors.test_discovery import package as package

AWAITED = """
def awaited(event):
    return None


"""
SPLIT = """
from connectors.contract import Batch, Choice, Found


def split(event):
    notes = event.payload.get("notes") or [event.payload["note"]]
    return [Found(event.name, note["title"], {"kind": event.name, "note": note}) for note in notes]


def fetch(event, connection):
    shown = yield Request("GET", "https://api.pinboard.example/notes/7")
    return {**event.payload, "note": shown.json}


def backfill(connection, after):
    yield Request("GET", "https://api.pinboard.example/notes")
    return Batch(())


def choices(connection, option):
    yield Request("GET", "https://api.pinboard.example/boards")
    return [Choice("7", "Kitchen")]
"""
SWEEPING = MANIFEST.replace(
    "[speech]",
    'sweeps = { "board.changed" = "The board was changed." }\nsweep_hours = 24\n\n[speech]',
)  # fmt: skip
PICK = '\n[[options]]\nname = "board"\ntype = "pick"\nlabel = "Board"\n'
QUESTIONS = """
[questions]
scheme = "bearer"
connection_from = { path = ["board"] }
asked = { "v1/ready" = "Whether a note can be spoken." }
"""
SHARED = MANIFEST.replace(
    "[events]", 'shared = true\nsecret = "app"\nconnection_from = { path = ["board"] }\n[events]'
)
ASKED = SHARED + QUESTIONS
INSTALLED = MANIFEST.replace(
    'auth = { kind = "key", place = "bearer", fields = [{ name = "token", label = "Token" }] }',
    'auth = { kind = "client_credentials", token_url = "https://pinboard.example/token", install = '
    '{ url = "https://pinboard.example/install", app_parameter = "app", back_parameter = "back" } }',
)
PAYLOAD = {"kind": "note.pinned", "notes": [{"title": "Milk"}, {"title": "Eggs"}, {"title": "Milk"}]}
EVENT = InboundEvent("pinboard", "c9", "note.pinned", "d1", {"x-pin": "1"}, PAYLOAD, NOW)


def written(package: ModuleType, code: str, manifest: str) -> Path:
    folder = folder_of(package)
    (folder / "__init__.py").write_text(code, "utf-8")
    (folder / "connector.toml").write_text(manifest, "utf-8")
    return folder


@pytest.fixture
def pinboard(package: ModuleType) -> Connector:
    written(package, CODE + SPLIT, SWEEPING + PICK)
    return discover(package)["pinboard"]


def test_one_delivery_becomes_several_events_each_known_again(pinboard: Connector) -> None:
    parts = events_of(pinboard, EVENT)
    assert [part.payload["note"]["title"] for part in parts] == ["Milk", "Eggs"]
    assert len({part.delivery_id for part in parts} | {EVENT.delivery_id}) == 3
    assert parts == events_of(pinboard, EVENT)
    assert parts[0].delivery_id != events_of(pinboard, replace(EVENT, delivery_id="d2"))[0].delivery_id
    order = decide(pinboard, parts[1], Connection("c9", "pinboard", pinboard.options({})))
    assert isinstance(order, SpeechOrder)
    assert order.request.text == "Eggs"


def test_a_delivery_of_one_thing_stays_the_same_delivery(pinboard: Connector) -> None:
    (only,) = events_of(pinboard, replace(EVENT, payload={"note": {"title": "Tea"}}))
    assert only.delivery_id == EVENT.delivery_id
    assert only.headers == EVENT.headers
    assert events_of(pinboard, only) == (only,)


def test_a_connector_without_split_takes_a_delivery_as_it_is(package: ModuleType) -> None:
    assert events_of(discover(package)["pinboard"], EVENT) == (EVENT,)


def test_what_is_read_may_be_fetched(pinboard: Connector) -> None:
    assert pinboard.fetch is not None
    flow = pinboard.fetch(EVENT, Connection("c9", "pinboard", {}))
    assert next(flow) == Request("GET", "https://api.pinboard.example/notes/7")
    with pytest.raises(StopIteration) as ended:
        flow.send(Response(200, body=b'{"title": "Fresh milk"}'))
    assert ended.value.value["note"] == {"title": "Fresh milk"}


def test_an_event_that_sweeps_says_so(pinboard: Connector) -> None:
    connection = Connection("c9", "pinboard", pinboard.options({}))
    verdict = decide(pinboard, replace(EVENT, name="board.changed"), connection)
    assert isinstance(verdict, Ignored)
    assert verdict.reason.startswith("The board was changed. Everything that is there is looked through")


def test_a_pick_is_offered_and_any_text_is_taken(pinboard: Connector) -> None:
    assert pinboard.options({})["board"] == ""
    assert pinboard.options({"board": " 7 "})["board"] == "7"
    assert pinboard.choices is not None
    flow = pinboard.choices(Connection("c9", "pinboard", {}), "board")
    next(flow)
    with pytest.raises(StopIteration) as ended:
        flow.send(Response(200))
    assert ended.value.value == [Choice("7", "Kitchen")]


def test_an_app_that_is_installed_there_is_typed_in_by_nobody(package: ModuleType) -> None:
    found = "\n\ndef installed(query, app, now):\n    yield\n"
    written(package, CODE + found, INSTALLED)
    assert discover(package)["pinboard"].manifest.is_joined_there


@pytest.mark.parametrize(
    ("code", "manifest", "sentence"),
    [
        (CODE, SWEEPING, "pinboard/__init__.py has no backfill: sweeps and sweep_hours ("),
        (CODE + SPLIT, SWEEPING, "pinboard/__init__.py: choices and options of the type pick ("),
        (CODE, MANIFEST + PICK, "pinboard/__init__.py: choices and options of the type pick ("),
        (CODE + SPLIT.replace("(event)", "(delivery)"), SWEEPING + PICK, "pinboard/__init__.py: split must "),
        (
            CODE,
            SWEEPING.replace("board.changed", "note.pinned"),
            "pinboard/connector.toml: events: note.pinned cannot be in sweeps and handled or ignored too.",
        ),
        (CODE + AWAITED, MANIFEST, "pinboard/__init__.py needs both awaited and fail, or neither."),
        (CODE, ASKED, "pinboard/__init__.py: reply and [questions] (connector.toml) belong together"),
        (CODE, INSTALLED, "pinboard/__init__.py: installed and [auth.install] (connector.toml) belong"),
        (CODE, MANIFEST + QUESTIONS, "pinboard/connector.toml: questions come to a shared hook, so"),
        (CODE, SHARED + QUESTIONS.replace("bearer", "none"), "pinboard/connector.toml: questions: There"),
        (CODE, ASKED.replace("v1/", "../"), "pinboard/connector.toml: questions.asked.../"),
        (
            CODE + SPLIT,
            MANIFEST.split("[verification]")[0],
            "pinboard: parse (__init__.py) and [events] (connector.toml) belong together",
        ),
        (
            CODE.replace("def parse(", "def _unused(") + SPLIT,
            MANIFEST.split("[verification]")[0],
            "pinboard/__init__.py has backfill but no parse: only what is read needs it.",
        ),
    ],
)  # fmt: skip
def test_a_half_made_extension_is_refused_with_the_mend(
    package: ModuleType, code: str, manifest: str, sentence: str
) -> None:
    written(package, code, manifest)
    with pytest.raises(ConnectorInvalid) as caught:
        discover(package)
    assert str(caught.value).startswith(sentence)
