"""A connector is one folder: written into a package of its own it is discovered, whole or refused."""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import sys
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import connectors
from connectors.discovery import discover
from connectors.errors import ConnectorInvalid
from connectors.flow import Request, Response
from connectors.reception import decide, read_event
from connectors.values import Connection, SpeechOrder, SpeechResult

MANIFEST = """
name = "Pinboard"
summary = "Speaks each note."
links = { home = "https://pinboard.example", docs = "https://pinboard.example/docs" }
hosts = ["https://api.pinboard.example"]
auth = { kind = "key", place = "bearer", fields = [{ name = "token", label = "Token" }] }

[verification]
scheme = "hmac_base64"
options = { signature_header = "X-Pin-Signature" }

[events]
name_from = { path = ["kind"] }
handled = { "note.pinned" = "A note was pinned." }

[speech]
text = "{{ note.title }}"
"""
CODE = """
from connectors.contract import Request, Target, accepted, compose


def parse(event, connection):
    return compose(connection, event.payload, Target("note", {"id": "7"}))


def push(connection, target, result):
    url = f"https://api.pinboard.example/notes/{target.fields['id']}"
    accepted((yield Request("PATCH", url, json={"audio": result.output_url})), "change the note")
"""
PAYLOAD = {"kind": "note.pinned", "note": {"title": "Buy milk"}}
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A package with one whole connector in it."""
    home = tmp_path / "their_connectors"
    folder = home / "pinboard"
    (folder / "fixtures").mkdir(parents=True)
    (home / "__init__.py").touch()
    (folder / "__init__.py").write_text(CODE, "utf-8")
    (folder / "connector.toml").write_text(MANIFEST, "utf-8")
    (folder / "README.md").write_text("# Pinboard\n", "utf-8")
    (folder / "icon.svg").write_text("<svg/>", "utf-8")
    (folder / "fixtures" / "note.pinned__short.json").write_text("{}", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield import_module("their_connectors")
    for name in [name for name in sys.modules if name.startswith("their_connectors")]:
        del sys.modules[name]


def folder_of(package: ModuleType) -> Path:
    return Path(package.__path__[0]) / "pinboard"


def test_our_own_are_whole() -> None:
    found = discover()
    assert "woocommerce" in found
    assert found == discover(connectors)
    with pytest.raises(TypeError):
        found["other"] = found["woocommerce"]  # type: ignore[index]  # it must not be possible


def test_a_folder_is_all_it_takes(package: ModuleType) -> None:
    """From its folder alone: address, verification, order and push."""
    connector = discover(package)["pinboard"]
    assert connector.hook_path("c9") == "/hooks/pinboard/c9"
    assert connector.page.title == "Pinboard"
    assert next(option.name for option in connector.form) == "text"

    body = json.dumps(PAYLOAD).encode()
    signature = b64encode(hmac.digest(b"a secret", body, hashlib.sha256)).decode()
    headers = {"X-Pin-Signature": signature}
    verified = connector.verifier(["a secret"]).verify(headers, body, NOW)
    event = read_event(connector, verified, headers, connection_id="c9", received_at=NOW)
    connection = Connection("c9", "pinboard", connector.options({"voice_description": "warm man"}))
    order = decide(connector, event, connection)
    assert isinstance(order, SpeechOrder)
    assert (order.request.text, order.request.description) == ("Buy milk", "warm man")
    assert order.source == "pinboard"
    assert order.target is not None

    result = SpeechResult("g", "https://hub.example/a.mp3", order.spoken_hash or "", 1.0, "audio/mpeg", "en")
    flow = connector.push(connection, order.target, result)
    asked = next(flow)
    assert asked == Request(
        "PATCH", "https://api.pinboard.example/notes/7", json={"audio": "https://hub.example/a.mp3"}
    )
    with pytest.raises(StopIteration):
        flow.send(Response(204))


def test_a_connector_that_only_pushes_has_no_hook(package: ModuleType) -> None:
    folder = folder_of(package)
    (folder / "connector.toml").write_text(MANIFEST.split("[verification]")[0], "utf-8")
    (folder / "__init__.py").write_text(CODE.replace("def parse(", "def _unused("), "utf-8")
    shutil.rmtree(folder / "fixtures")
    connector = discover(package)["pinboard"]
    assert connector.hook_path("c9") is None
    assert connector.form == ()


def test_a_simulator_is_made_where_there_is_one(package: ModuleType) -> None:
    assert discover(package)["pinboard"].simulator("https://pinboard.example") is None
    shop = discover()["woocommerce"].simulator("https://shop.example")
    assert shop is not None
    assert set(shop.credentials) == {"consumer_key", "consumer_secret"}


@pytest.mark.parametrize("name", ["connector.toml", "__init__.py", "README.md", "icon.svg"])
def test_a_missing_file_is_named(package: ModuleType, name: str) -> None:
    (folder_of(package) / name).unlink()
    with pytest.raises(ConnectorInvalid, match=f"^pinboard/{name} is missing"):
        discover(package)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("import nowhere", "pinboard/__init__.py cannot be imported: ModuleNotFoundError"),
        ("def parse(", "pinboard/__init__.py cannot be imported: SyntaxError"),
        (CODE.replace("def push", "def shove"), "pinboard/__init__.py has no push: add one"),
        (CODE.replace("def parse", "def read"), "pinboard: parse (__init__.py) and [events] ("),
        (CODE.replace("(event, connection)", "(event)"), "pinboard/__init__.py: parse must be a "),
        (CODE.replace("(yield Request", "(Request"), "pinboard/__init__.py: push must be a generator"),
        (CODE + "\ndef connect(connection, hook):\n    yield", "pinboard/__init__.py needs both "),
    ],
)  # fmt: skip
def test_half_made_code_is_refused_with_the_mend(package: ModuleType, code: str, sentence: str) -> None:
    (folder_of(package) / "__init__.py").write_text(code, "utf-8")
    with pytest.raises(ConnectorInvalid) as caught:
        discover(package)
    assert str(caught.value).startswith(sentence)


def test_a_connector_that_reads_needs_a_fixture(package: ModuleType) -> None:
    shutil.rmtree(folder_of(package) / "fixtures")
    with pytest.raises(ConnectorInvalid, match="fixtures/ is empty"):
        discover(package)


def test_a_folder_needs_a_plain_name(package: ModuleType) -> None:
    folder_of(package).rename(folder_of(package).with_name("Pin-Board"))
    with pytest.raises(ConnectorInvalid, match="must be named in lower-case"):
        discover(package)


def edited(old: str, new: str) -> str:
    assert old in MANIFEST
    return MANIFEST.replace(old, new)


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        ("name = ", "pinboard/connector.toml is not TOML: "),
        (edited('name = "Pinboard"', ""), "pinboard/connector.toml: name is missing; add it."),
        (edited("summary", "sumary"), "pinboard/connector.toml: summary is missing; add it. "),
        (edited("hmac_base64", "hmac"), "pinboard/connector.toml: verification: There is no scheme"),
        (edited("signature_header", "header"), "pinboard/connector.toml: verification: hmac_base64 has no "),
        (edited('"bearer"', '"basic"'), "pinboard/connector.toml: auth: basic needs exactly two fields"),
        (edited('kind = "key"', 'kind = "magic"'), "pinboard/connector.toml: auth is wrong: "),
        (edited('path = ["kind"]', ""), "pinboard/connector.toml: events.name_from: give either"),
        (edited("[speech]\ntext", "[talk]\ntext"), "pinboard/connector.toml: talk is not known"),
        (edited('"https://pinboard.example/docs"', '"docs"'), "pinboard/connector.toml: links.docs is "),
        (
            edited("handled =", 'ignored = { "note.pinned" = "No." }\nhandled ='),
            "pinboard/connector.toml: events: note.pinned cannot be both handled and ignored.",
        ),
        (
            edited("handled =", 'ending = ["note.burnt"]\nhandled ='),
            "pinboard/connector.toml: events: note.burnt cannot be ending and not handled.",
        ),
        (
            MANIFEST + '[[options]]\nname = "size"\ntype = "number"\nlabel = "Size"\ndefault = "big"\n',
            "pinboard/connector.toml: options.0: the default of a number option must be a whole number.",
        ),
    ],
)  # fmt: skip
def test_a_manifest_s_mistakes_are_told(package: ModuleType, manifest: str, sentence: str) -> None:
    (folder_of(package) / "connector.toml").write_text(manifest, "utf-8")
    with pytest.raises(ConnectorInvalid) as caught:
        discover(package)
    assert str(caught.value).startswith(sentence)
