"""An account's dictionary: kept, replaced, spoken with, forgotten, and nobody else's."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from engine.values import Pronunciation
from hub.hub import Hub
from hub.jobs import claim
from hub.pronunciations import entries
from tests.hub.api.conftest import Customer, new_customer, ordered

PATH = "/v1/pronunciations"


async def put(client: httpx.AsyncClient, customer: Customer, **fields: Any) -> httpx.Response:
    return await client.put(PATH, json=fields, headers=customer.headers)


async def test_words_are_kept_replaced_spoken_with_and_forgotten(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    first = await put(client, customer, word="Siobhan", respelling="see-o-ban", language="EN-gb")
    assert first.status_code == 200, first.text
    again = await put(client, customer, word="Siobhan", respelling="shi-vawn", language="en")
    other = await put(client, customer, word="Nginx", ipa="ˈɛndʒɪn ˈɛks")
    assert again.json()["id"] == first.json()["id"]
    listed = (await client.get(PATH, headers=customer.headers)).json()["data"]
    assert [(entry["word"], entry["respelling"], entry["language"]) for entry in listed] == [
        ("Nginx", None, "any"),
        ("Siobhan", "shi-vawn", "en"),
    ]
    taken = await claim(hub, await ordered(client, customer))
    assert taken is not None
    assert taken.request.pronunciations == (
        Pronunciation("Nginx", None, "ˈɛndʒɪn ˈɛks", None),
        Pronunciation("Siobhan", "shi-vawn", None, "en"),
    )
    stranger = await new_customer(hub, "other@example.com")
    address = f"{PATH}/{other.json()['id']}"
    assert (await client.delete(address, headers=stranger.headers)).status_code == 404
    assert (await client.get(PATH, headers=stranger.headers)).json() == {"data": []}
    assert (await client.delete(address, headers=customer.headers)).status_code == 204
    assert len((await client.get(PATH, headers=customer.headers)).json()["data"]) == 1


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"respelling": "x"}, "word: must be a text of 1 to 60 characters."),
        ({"word": "x" * 61, "respelling": "x"}, "word: must be a text of at most 60 characters."),
        ({"word": "SQL"}, "respelling: must be sent, or ipa: how the word is said."),
        ({"word": "SQL", "ipa": "///"}, "ipa: must hold a letter."),
        ({"word": "SQL", "respelling": "s", "language": "auto"}, "language: must be one of any, "),
    ],
)
async def test_what_cannot_be_kept_is_refused(
    client: httpx.AsyncClient, customer: Customer, fields: dict[str, str], told: str
) -> None:
    answer = await put(client, customer, **fields)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(told)


async def test_a_dictionary_has_an_end(
    client: httpx.AsyncClient, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "MOST_ENTRIES", 1)
    assert (await put(client, customer, word="one", respelling="won")).status_code == 200
    assert (await put(client, customer, word="two", respelling="too")).status_code == 409
    assert (await put(client, customer, word="one", respelling="wun")).status_code == 200
