"""What Make's schemas do not see and its reviewers do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.builders import builders
from connectors.make.app import App, Component, load_app
from connectors.make.errors import AppInvalid
from connectors.make.iml import expressions_of, parse
from connectors.make.iml.functions import FUNCTIONS
from connectors.make.iml.syntax import Call, Member, Name
from hub.accounts.scopes import SCOPES

MANIFEST = Path(__file__).parents[3] / "manifests" / "make"
HUB = "https://voice.example.com"
APP = load_app(MANIFEST)
EVERY = [one for kind in APP.components.values() for one in kind.values()]
MODULES = list(APP.components["module"].values())
REQUESTS = ("communication", "attach", "detach", "update")


def named(component: Component) -> str:
    return f"{component.kind}-{component.name}"


def nodes(tree: Any) -> Iterator[Any]:
    yield tree
    for slot in getattr(tree, "__slots__", ()):
        value = getattr(tree, slot)
        for one in value if isinstance(value, tuple) else (value,):
            if hasattr(one, "__slots__"):
                yield from nodes(one)


def used(value: Any) -> list[Any]:
    return [node for expression in expressions_of(value) for node in nodes(parse(expression.strip()))]


def members(value: Any, of: str) -> set[str]:
    return {node.name for node in used(value) if isinstance(node, Member) and node.of == Name(of)}


def everything(component: Component) -> list[Any]:
    return list(component.codes.values())


def requests_of(component: Component) -> Iterator[dict[str, Any]]:
    """Every request of a component's files, the legs of a connection among them."""
    for code in REQUESTS:
        found = component.code(code, {})
        legs = found.values() if "token" in found else found if isinstance(found, list) else [found]
        yield from (one for one in legs if "url" in one)


def fields(form: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for field in form:
        yield field
        yield from fields(field.get("spec", []))


@pytest.mark.parametrize("component", EVERY, ids=named)
def test_every_expression_can_be_read_and_calls_what_exists(component: Component) -> None:
    calls = {node.function for node in used([APP.base, everything(component)]) if isinstance(node, Call)}
    assert calls <= set(FUNCTIONS)


@pytest.mark.parametrize("component", EVERY, ids=named)
def test_every_parameter_that_is_used_can_be_filled_in_and_the_other_way_round(component: Component) -> None:
    asked = {field["name"] for field in component.parameters}
    assert members([component.code(code, {}) for code in REQUESTS], "parameters") == asked


@pytest.mark.parametrize("component", EVERY, ids=named)
def test_lists_that_are_asked_for_exist(component: Component) -> None:
    lists = re.findall(r'"rpc://(\w+)', json.dumps(everything(component)))
    assert set(lists) <= set(APP.components["rpc"])


@pytest.mark.parametrize("component", EVERY, ids=named)
def test_requests_go_to_the_hub_and_keep_secrets_out_of_the_log(component: Component) -> None:
    inherits = component.kind in ("module", "rpc")
    for request in requests_of(component):
        is_universal = component.about.get("moduleType") == "universal"
        assert request["url"].startswith("/" if inherits and not is_universal else f"{HUB}/")
        hidden = [
            *request.get("log", {}).get("sanitize", ()),
            *(APP.base["log"]["sanitize"] if inherits else ()),
        ]
        if request["url"] != f"{HUB}/oauth/authorize":
            assert hidden, "without it Make hides the whole log"
        if "authorization" in request.get("headers", {}) or inherits:
            assert "request.headers.authorization" in hidden
        secret = members(request.get("body", {}), "common") & {"clientSecret"}
        assert not secret or "request.body.client_secret" in hidden


@pytest.mark.parametrize("component", EVERY, ids=named)
def test_failures_have_kinds(component: Component) -> None:
    inherited = APP.base["response"]["error"] if component.kind in ("module", "rpc") else None
    for request in requests_of(component):
        error = request.get("response", {}).get("error", inherited)
        if request["url"] != f"{HUB}/oauth/authorize":
            assert {"401", "429", "503"} <= set(error)


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_a_sample_has_the_fields_of_the_interface(module: Component) -> None:
    def compare(sample: dict[str, Any], interface: list[dict[str, Any]]) -> None:
        assert list(sample) == [field["name"] for field in interface]
        for field in interface:
            if "spec" in field:
                compare(sample[field["name"]], field["spec"])

    compare(module.code("samples"), module.interface)
    dates = [field["name"] for field in fields(module.interface) if field["name"].endswith("_at")]
    assert all(field["type"] == "date" for field in fields(module.interface) if field["name"] in dates)


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_words_are_as_reviewers_want_them(module: Component) -> None:
    label, description = module.about["label"], module.about["description"]
    assert re.fullmatch(r"[A-Z][a-z]*( ([a-z]+|API))*", label)
    begins = {
        "universal": "Performs an arbitrary authorized API call.",
        "instant_trigger": "Triggers when ",
        "search": "Returns a list of ",
        "action": ("Creates ", "Returns ", "Downloads "),
    }
    assert description.startswith(begins[module.about["moduleType"]])
    assert description.endswith(".")
    for field in fields([*module.parameters, *module.interface]):
        assert re.fullmatch(r"[A-Z]\S*( (?!A\b)\S+)*", field["label"])
        assert field.get("help") != field["label"]


@pytest.mark.parametrize("component", EVERY, ids=named)
def test_lists_are_limited(component: Component) -> None:
    requests = list(requests_of(component))
    if component.about.get("moduleType") == "search":
        limit = component.parameters[-1]
        assert (limit["name"], limit["type"], limit["default"]) == ("limit", "uinteger", 10)
        assert not limit.get("required")
        assert not limit.get("advanced")
        assert requests[0]["response"]["limit"] == "{{parameters.limit}}"
    if component.kind == "rpc":
        assert requests[0]["response"]["limit"] > 0


def test_the_folder_says_what_the_app_has() -> None:
    said = builders()["make"].manifest
    kinds = {"instant_trigger": said.triggers, "search": said.searches}
    for module in MODULES:
        named = kinds.get(module.about["moduleType"], said.actions)
        assert named[module.about["label"]] == module.about["description"]
    assert len(MODULES) == len(said.triggers) + len(said.actions) + len(said.searches)
    assert sorted(said.app.scopes) == sorted(APP.component("connection", "sayhookOauth").code("scopeList"))


def test_scopes_are_the_hubs() -> None:
    connection = APP.component("connection", "sayhookOauth")
    listed = set(connection.code("scopeList"))
    assert listed == set(SCOPES)
    assert set(connection.code("defaultScope")) <= listed
    assert all(set(module.code("scope")) <= listed for module in MODULES)
    assert set(APP.component("module", "makeApiCall").code("scope")) == listed, "it may call anything"
    webhook, trigger = APP.component("webhook", "voiceoverEvents"), APP.component("module", "watchVoiceovers")
    assert webhook.code("requiredScope") == trigger.code("scope")


def test_an_app_with_a_missing_or_spoiled_file_is_refused(tmp_path: Path) -> None:
    app = json.loads((MANIFEST / "makecomapp.json").read_text("utf-8"))
    app["components"] = {kind: {} for kind in app["components"]}
    (tmp_path / "makecomapp.json").write_text(json.dumps(app), "utf-8")
    with pytest.raises(AppInvalid, match=r"README\.md is named"):
        load_app(tmp_path)
    (tmp_path / "README.md").touch()
    (tmp_path / "general").mkdir()
    (tmp_path / "general/base.iml.json").write_text("{", "utf-8")
    with pytest.raises(AppInvalid, match="is not JSON"):
        load_app(tmp_path)
    empty = App({}, [], {"module": {}, "rpc": {}, "webhook": {}, "connection": {}}, frozenset())
    with pytest.raises(AppInvalid, match="has no module other"):
        empty.component("module", "other")
