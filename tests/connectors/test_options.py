from __future__ import annotations

from typing import Any

import pytest

from connectors.discovery import discover
from connectors.errors import OptionInvalid

WOO = discover()["woocommerce"]


def test_the_manifest_s_text_is_the_default_and_the_owner_s_wins() -> None:
    assert WOO.options({})["text"] == "{{ name }}. {{ description or short_description }}"
    assert WOO.options({"text": "  {{ name }} "})["text"] == "{{ name }}"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"text": ""}, "What is read aloud must not be empty."),
        ({"text": "{{ name"}, "What is read aloud: The template has a mistake in line 1"),
        ({"only_when": "price >"}, "Only when: The template has a mistake"),
        ({"language": "klingon"}, "Language must be auto or one of en, "),
        ({"format": "midi"}, "Audio format must be one of wav, mp3"),
        ({"most_characters": 0}, "Longest text must be at least 1."),
        ({"most_characters": True}, "Longest text must be a whole number."),
        ({"most_characters": 10**7}, "Longest text must be at most 200000."),
        ({"voice_description": 5}, "Voice must be a text."),
        ({"voice_description": "x" * 2001}, "Voice must be at most 2000 characters long."),
        ({"txet": "hello"}, "There is no option 'txet'"),
    ],
)
def test_what_does_not_fit_is_named(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(OptionInvalid) as caught:
        WOO.options(given)
    assert str(caught.value).startswith(sentence)
    assert caught.value.option == next(iter(given))


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("shop.example", "https://shop.example"),
        (" https://shop.example/store/ ", "https://shop.example/store"),
        ("https://shop.example:8443", "https://shop.example:8443"),
    ],
)
def test_an_address_is_written_one_way(given: str, address: str) -> None:
    assert WOO.address(given) == address


@pytest.mark.parametrize(
    "given",
    ["", "http://shop.example", "ftp://shop.example", "https://me:pw@shop.example", "https://shop.example/?a=1",
     "https://shop.example:port", "https:///path", "https://[::1", "my shop"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(OptionInvalid, match=r"^Shop address must be a web address"):
        WOO.address(given)


def test_plain_http_only_where_it_is_allowed() -> None:
    assert WOO.address("http://127.0.0.1:9000", allow_http=True) == "http://127.0.0.1:9000"
