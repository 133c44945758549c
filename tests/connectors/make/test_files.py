"""The app's files against Make's own schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

MANIFEST = Path(__file__).parents[3] / "manifests" / "make"
SCHEMAS = Path(__file__).parent / "schemas"
HOME = "https://make.invalid/schemas/"
SCHEMA_OF = {
    "makecomapp": "makecomapp.schema.json",
    "base": "base.json",
    "groups": "groups.json",
    "communication": "api.json",
    "oauth-communication": "api-oauth.json",
    "attach": "api.json",
    "detach": "api.json",
    "update": "api.json",
    "params": "parameters.json",
    "static-params": "parameters.json",
    "mappable-params": "parameters.json",
    "interface": "parameters.json",
    "samples": "samples.json",
    "scope": "scope.json",
    "default-scope": "scope.json",
    "required-scope": "scope.json",
    "scope-list": "scopes.json",
}
FILES = sorted(path for path in MANIFEST.rglob("*.json"))


@cache
def registry() -> Registry[Any]:
    pairs = [
        (HOME + path.name, Resource.from_contents(json.loads(path.read_text("utf-8")), DRAFT7))
        for path in SCHEMAS.glob("*.json")
    ]
    return Registry().with_resources(pairs)


@cache
def validator(schema: str) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator({"$ref": HOME + schema}, registry=registry())


def kind_of(path: Path) -> str:
    """`create-voiceover.mappable-params.iml.json` is `mappable-params`."""
    name = path.name.removesuffix(".json").removesuffix(".iml")
    return name.rpartition(".")[2]


def mistakes(path: Path, text: str | None = None) -> list[str]:
    value = json.loads(path.read_text("utf-8") if text is None else text)
    return [error.message for error in validator(SCHEMA_OF[kind_of(path)]).iter_errors(value)]


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(MANIFEST)) for path in FILES])
def test_every_file_is_valid(path: Path) -> None:
    assert mistakes(path) == []


def about() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((MANIFEST / "makecomapp.json").read_text("utf-8"))
    return found


def named_files(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            if name in ("codeFiles", "generalCodeFiles"):
                yield from (path for path in one.values() if path is not None)
            else:
                yield from named_files(one)


def test_every_file_is_named_and_every_name_is_a_file() -> None:
    there = {str(path.relative_to(MANIFEST)) for path in MANIFEST.rglob("*") if path.is_file()}
    assert set(named_files(about())) == there - {"makecomapp.json"}


@pytest.mark.parametrize(
    ("name", "spoiled"),
    [
        ("modules/list-voiceovers/list-voiceovers.communication.iml.json", '{"url": "/x", "querry": {}}'),
        ("webhooks/voiceover-events/voiceover-events.attach.iml.json", '{"url": "/x", "method": "POST"}'),
        ("general/base.iml.json", '{"timeout": 400000}'),
        (
            "modules/get-voiceover/get-voiceover.mappable-params.iml.json",
            '[{"name": "x", "type": "textarea"}]',
        ),
        ("modules/groups.json", '[{"label": "Triggers"}]'),
        ("makecomapp.json", '{"fileVersion": 1}'),
    ],
)
def test_the_schemas_notice_a_mistake(name: str, spoiled: str) -> None:
    assert mistakes(MANIFEST / name, spoiled)


def test_names_keep_to_makes_rules() -> None:
    components = about()["components"]
    for kind in ("module", "rpc"):
        assert all(re.fullmatch(r"[a-zA-Z][0-9a-zA-Z]{2,63}", name) for name in components[kind])
    for kind in ("connection", "webhook"):
        assert all(re.fullmatch(r"[a-zA-Z][0-9a-zA-Z-]{1,33}[0-9a-zA-Z]", name) for name in components[kind])


def test_every_module_stands_in_one_group_and_triggers_come_first() -> None:
    groups = json.loads((MANIFEST / "modules/groups.json").read_text("utf-8"))
    grouped = [name for group in groups for name in group["modules"]]
    assert sorted(grouped) == sorted(about()["components"]["module"])
    assert groups[0]["label"] == "Triggers"
