from __future__ import annotations

import pytest

from hub.errors import Unprocessable
from hub.oauth.redirect_uris import MOST, allows, checked, form_action, place_of


@pytest.mark.parametrize(
    "uri",
    [
        "https://zapier.com/dashboard/auth/oauth/return/App123CLIAPI/",
        "https://www.make.com/oauth/cb/app",
        "https://app.example:8443/done?from=sayhook&x=%20",
        "http://localhost:9000",
        "http://127.0.0.1/done",
        "http://[::1]:8080/done",
        "com.example.app:/done",
    ],
)
def test_what_can_be_registered(uri: str) -> None:
    assert checked([f" {uri} ", uri]) == [uri]


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/done",
        "//app.example/done",
        "app.example/done",
        "http://app.example/done",
        "http://127.0.0.1.app.example/done",
        "http://10.0.0.1/done",
        "https://",
        "https:///done",
        "https://ada@app.example/done",
        "https://app.example/done#part",
        "https://*.app.example/done",
        "https://app.example/a b",
        "https://äpp.example/done",
        "https://app.example:port/done",
        "https://app.example:99999/done",
        "https://[::1/done",
        "https://app.example/?a=%zz",
        "javascript:alert(1)",
        "data:text/html,hello",
        "file:///etc/passwd",
        "myapp:/done",
        "https://app.example/" + "a" * 1000,
    ],
)
def test_what_cannot(uri: str) -> None:
    with pytest.raises(Unprocessable, match="redirect_uri"):
        checked([uri])


def test_how_many() -> None:
    many = [f"https://app.example/{number}" for number in range(MOST + 1)]
    assert checked(many[:MOST]) == many[:MOST]
    for wrong in ([], many):
        with pytest.raises(Unprocessable, match=r"at most|at least"):
            checked(wrong)


@pytest.mark.parametrize(
    ("uri", "is_allowed"),
    [
        ("http://127.0.0.1:1234/done", True),
        ("http://127.0.0.1/done", True),
        ("http://127.0.0.1:1234/done?x=1", False),
        ("http://ada@127.0.0.1:1234/done", False),
        ("http://127.0.0.1:port/done", False),
        ("http://127.0.0.2:1234/done", False),
        ("https://127.0.0.1:1234/done", False),
        ("https://app.example:444/done", False),
        ("http://localhost:1234/done", False),
    ],
)
def test_only_the_port_of_a_loopback_address_is_open(uri: str, is_allowed: bool) -> None:
    registered = ["http://127.0.0.1:80/done", "https://app.example/done", "http://localhost/done"]
    assert allows(registered, uri, any_loopback_port=True) is is_allowed
    assert not allows(registered, uri, any_loopback_port=False)


@pytest.mark.parametrize(
    ("uri", "place", "source"),
    [
        ("https://zapier.com/return/", "zapier.com", "https:"),
        ("http://127.0.0.1:9000/done", "this device", "http://127.0.0.1:9000"),
        ("com.example.app:/done", "an app on this device (com.example.app)", "com.example.app:"),
    ],
)
def test_where_a_person_is_sent(uri: str, place: str, source: str) -> None:
    assert (place_of(uri), form_action(uri)) == (place, source)
