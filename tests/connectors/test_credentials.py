from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from connectors.credentials import headers_for, origin_of
from connectors.errors import ConnectionBroken, PushRefused
from connectors.flow import Request
from connectors.manifest import Auth

HERE = frozenset({"https://shop.example"})
FIELDS = [{"name": "user", "label": "User"}, {"name": "word", "label": "Password"}]
CREDENTIALS = {"user": "ck", "word": "cs", "access_token": "tok"}
OAUTH = {
    "kind": "oauth2",
    "authorize_url": "{address}/authorize",
    "token_url": "https://shop.example/token",
    "scopes": ["write"],
}


def auth(**values: Any) -> Auth:
    read: Auth = TypeAdapter(Auth).validate_python(values)
    return read


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ({"kind": "key", "place": "basic", "fields": FIELDS}, "Authorization", "Basic Y2s6Y3M="),
        ({"kind": "key", "place": "bearer", "fields": FIELDS[:1]}, "Authorization", "Bearer ck"),
        (
            {"kind": "key", "place": "header", "fields": FIELDS[:1], "headers": {"X-Key": "user"}},
            "X-Key",
            "ck",
        ),
        (OAUTH, "Authorization", "Bearer tok"),
        ({**OAUTH, "header": "X-Shopify-Access-Token", "word": ""}, "X-Shopify-Access-Token", "tok"),
        (
            {"kind": "client_credentials", "token_url": "https://api.example/token"},
            "Authorization",
            "Bearer tok",
        ),
    ],
)
def test_each_kind_has_its_header(kind: dict[str, Any], name: str, value: str) -> None:
    request = Request("PUT", "https://shop.example/x", json={})
    headers = headers_for(request, auth(**kind), CREDENTIALS, HERE)
    assert headers[name] == value
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "http://shop.example/x",
        "https://shop.example:444/x",
        "https://shop.example.evil/x",
        "https://shop.example@evil.example/x",
        "https://shop.example:no/x",
    ],
)
def test_credentials_never_go_elsewhere(url: str) -> None:
    with pytest.raises(PushRefused, match="another host"):
        headers_for(Request("GET", url), auth(**OAUTH), CREDENTIALS, HERE)
    assert "Authorization" not in headers_for(
        Request("GET", url, authenticated=False), auth(**OAUTH), CREDENTIALS, HERE
    )


@pytest.mark.parametrize("token", ["", "a\r\nX-Other: b", "gänse"])
def test_a_damaged_credential_breaks_the_connection_and_is_not_shown(token: str) -> None:
    with pytest.raises(ConnectionBroken, match=r"^The credential access_token is missing or damaged"):
        headers_for(Request("GET", "https://shop.example/"), auth(**OAUTH), {"access_token": token}, HERE)


def test_an_origin_is_written_one_way() -> None:
    assert origin_of("https://Shop.Example:443/a?b") == "https://shop.example"
    assert origin_of("http://127.0.0.1:8080/") == "http://127.0.0.1:8080"
