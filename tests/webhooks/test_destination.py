from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks.destination import DEVELOPMENT, PUBLIC, Policy, parse_destination, policy_for
from webhooks.errors import DestinationRefused
from webhooks.guard import check_url

ACCEPTED = [
    "https://example.com",
    "https://example.com/hook?a=b",
    "https://example.com:8443/hook",
    "https://hooks.example.co.uk/%20x#part",
    "https://EXAMPLE.com./hook",
    "https://bücher.example/hook",
    "https://a_b.example.com/",
    "https://1.1.1.1/",
    "https://[2606:4700::1111]/",
    "https://3com.com/",
]
REFUSED = {
    "": "https://",
    "example.com/hook": "https://",
    "ftp://example.com": "https://",
    "file:///etc/passwd": "https://",
    "gopher://example.com": "https://",
    "http://example.com": "plain http",
    "https://": "host name",
    "https:///hook": "host name",
    "https://user@example.com": "user name",
    "https://user:word@example.com": "user name",
    "https://example.com@127.0.0.1/": "user name",
    "https://example.com:22": "Port 22",
    "https://example.com:6379": "Port 6379",
    "https://example.com:0": "Port 0 does not exist",
    "https://example.com:99999": "Port 99999 does not exist",
    "https://exa mple.com": "space",
    "https://example.com/\r\nX: y": "space",
    "https://example.com\\@127.0.0.1": "backslash",
    "https://localhost/": "private network",
    "https://LOCALHOST./": "private network",
    "https://app.localhost/": "private network",
    "https://printer.local/": "private network",
    "https://metadata.google.internal/": "private network",
    "https://redis/": "private network",
    "https://127.0.0.1/": "not allowed",
    "https://10.1.2.3/": "not allowed",
    "https://169.254.169.254/latest": "not allowed",
    "https://0.0.0.0/": "not allowed",
    "https://[::1]/": "not allowed",
    "https://[::ffff:127.0.0.1]/": "not allowed",
    "https://[::127.0.0.1]/": "not allowed",
    "https://[64:ff9b::7f00:1]/": "not allowed",
    "https://[2002:7f00:1::]/": "not allowed",
    "https://2130706433/": "four decimal numbers",
    "https://0x7f.1/": "four decimal numbers",
    "https://0x7f000001/": "four decimal numbers",
    "https://127.1/": "four decimal numbers",
    "https://127.0.0.1.1/": "four decimal numbers",
    "https://0x/": "four decimal numbers",
    "https://exa%6dple.com/": "valid name",
    "https://-example.com/": "valid name",
    "https://example..com/": "valid name",
    "https://0177.0.0.1/": "could not be read",
    "https://①②⑦.0.0.1/": "could not be read",
    "https://[fe80::1%25eth0]/": "interface",
    "https://[::1": "could not be read",
    "https://" + "a" * 2100: "longer",
    "https://" + "a." * 130 + "com/": "valid name",
}


@pytest.mark.parametrize("url", ACCEPTED)
def test_accepted(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(("url", "reason"), REFUSED.items())
def test_refused_with_a_reason(url: str, reason: str) -> None:
    with pytest.raises(DestinationRefused, match=reason):
        check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:3000/hook",
        "http://localhost:3000",
        "https://[::1]:9/",
        "http://redis/",
        "http://10.0.0.1/",
    ],
)
def test_development_opens_what_is_private(url: str) -> None:
    check_url(url, DEVELOPMENT)


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/", "http://[fe80::1]/", "http://2130706433/", "ftp://a"]
)
def test_development_keeps_the_rest_shut(url: str) -> None:
    with pytest.raises(DestinationRefused):
        check_url(url, DEVELOPMENT)


def test_plain_http_can_be_allowed_by_itself() -> None:
    policy = Policy(allow_http=True)
    check_url("http://example.com/", policy)
    with pytest.raises(DestinationRefused):
        check_url("http://127.0.0.1/", policy)


def test_the_owners_switch() -> None:
    assert policy_for(allow_private=True) is DEVELOPMENT
    assert policy_for(allow_private=False) is PUBLIC


@given(
    st.text(max_size=80), st.sampled_from(["", "https://", "http://", "https://127.0.0.1", "https://[", "//"])
)
def test_any_text_is_either_accepted_or_refused(text: str, start: str) -> None:
    with suppress(DestinationRefused):
        parsed = parse_destination(start + text)
        assert parsed.scheme == "https"
        assert parsed.host
