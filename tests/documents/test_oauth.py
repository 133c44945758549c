"""docs/oauth.md against what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.accounts import SCOPES
from hub.api.openapi import document
from hub.cli.oauth_clients import app
from hub.oauth.authorization import PATH
from hub.oauth.credentials import ACCESS_START, CLIENT_SECRET_START, CODE_START, REFRESH_START
from hub.oauth.endpoints import ENDPOINTS

TEXT = (Path(__file__).parents[2] / "docs" / "oauth.md").read_text("utf-8")


@pytest.mark.parametrize("scope", SCOPES)
def test_every_scope_is_explained_in_its_own_words(scope: str) -> None:
    assert f"| `{scope}` | {SCOPES[scope][:1].lower()}{SCOPES[scope][1:]} |" in TEXT


def test_every_endpoint_and_command_is_told() -> None:
    for endpoint in ENDPOINTS:
        assert f"`{endpoint.method} {endpoint.path}`" in TEXT
    for command in app.registered_commands:
        name = command.name or (command.callback.__name__ if command.callback else "")
        assert f"| `{name}" in TEXT
    for start in (ACCESS_START, CLIENT_SECRET_START, CODE_START, REFRESH_START):
        assert f"`{start}`" in TEXT


def test_the_description_of_the_api_tells_each_operations_scope_and_where_to_get_it() -> None:
    described = document()
    flow = described["components"]["securitySchemes"]["oauth"]["flows"]["authorizationCode"]
    assert flow["scopes"] == dict(SCOPES)
    assert flow["authorizationUrl"] == PATH
    assert flow["tokenUrl"] in [endpoint.path for endpoint in ENDPOINTS]
    order = described["paths"]["/v1/tts/generate"]["post"]["security"]
    assert {"oauth": ["speech:write"]} in order
