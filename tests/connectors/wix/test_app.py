"""What is filled in at Wix is what the connector counts on, and within Wix's rules for schemas."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft7Validator  # type: ignore[import-untyped]  # ships no types

from connectors.discovery import discover
from connectors.flow import Request
from connectors.values import SpeechResult, Target
from connectors.wix.actions import EXTENSION, report

FOLDER = Path(__file__).parents[3] / "manifests" / "wix"
WIX = discover()["wix"]


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / name).read_text("utf-8"))
    return found


def test_the_app_is_sent_every_event_the_connector_knows_and_no_other() -> None:
    app = tomllib.loads((FOLDER / "app.toml").read_text("utf-8"))
    events = WIX.manifest.events
    assert events is not None
    webhooks = {name for name in (*events.handled, *events.ignored) if "service_plugin" not in name}
    assert set(app["webhooks"]["events"]) == webhooks
    assert urlsplit(app["webhooks"]["url"]).path == WIX.hook_path("")


def test_the_action_asks_at_the_addresses_the_hub_answers_at() -> None:
    given = read("action.json")
    action = given["compData"]["automationsActionProvider"]
    config, questions = action["actionConfig"], WIX.manifest.questions
    assert given["compType"] == EXTENSION
    assert urlsplit(action["baseUri"]).path == "/hooks/wix/ask"
    assert 5 <= len(config["actionKey"]) <= 50
    assert 5 <= len(config["displayName"]) <= 80
    assert questions is not None
    assert len(questions.asked) == 1 + sum(config["implementedMethods"].values())


@pytest.mark.parametrize("name", ["input.schema.json", "output.schema.json"])
def test_the_schemas_keep_wix_s_rules(name: str) -> None:
    schema = read(name)
    Draft7Validator.check_schema(schema)
    assert (schema["type"], "$schema" in schema) == ("object", False)
    assert set(schema["required"]) <= schema["properties"].keys()
    assert all(entry.keys() >= {"type", "title"} for entry in schema["properties"].values())


def test_what_is_reported_is_what_the_output_schema_promises() -> None:
    result = SpeechResult("g1", "https://hub.example/a/1.mp3", "0" * 64, 4.2, "audio/mpeg", "en")
    request = next(report(Target("run:1", {"token": "t"}), result))
    assert isinstance(request, Request)
    Draft7Validator(read("output.schema.json")).validate(request.json["successInfo"]["result"])
    assert not Draft7Validator(read("input.schema.json")).is_valid({"language": "en"})
