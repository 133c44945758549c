"""What a request would cost, told without ordering it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.hub.api.conftest import Customer
from tests.hub.api.recordings import wav
from tests.hub.api.test_longform import CHAPTER, SENTENCE


async def estimate(client: httpx.AsyncClient, customer: Customer, **sent: Any) -> httpx.Response:
    return await client.post("/v1/tts/estimate", headers=customer.headers, **sent)


@pytest.mark.parametrize(
    ("sent", "route", "parts", "price"),
    [
        ({"text": "Good morning."}, "generate", 1, 50.0),
        ({"text": SENTENCE * 20}, "longform", 3, 150.0),
        ({"text": CHAPTER, "text_kind": "markdown"}, "longform", 4, 200.0),
    ],
)
async def test_it_is_the_price_that_ordering_then_takes(
    client: httpx.AsyncClient, customer: Customer, sent: dict[str, str], route: str, parts: int, price: float
) -> None:
    told = (await estimate(client, customer, json=sent)).json()
    assert (told["route"], told["parts"], told["price"]) == (f"/v1/tts/{route}", parts, price)
    assert (told["credits"], told["sufficient"], told["mode"]) == (500.0, True, "design")
    untouched = (await client.get("/v1/account", headers=customer.headers)).json()
    assert (untouched["credits"], untouched["held"]) == (500.0, 0.0)
    ordered = await client.post(told["route"], json=sent, headers=customer.headers)
    assert ordered.json()["credits_used"] == price


async def test_a_recording_makes_it_a_clone(client: httpx.AsyncClient, customer: Customer) -> None:
    answer = await estimate(
        client, customer, data={"text": "Hello."}, files={"voice_ref": ("me.wav", wav(), "audio/wav")}
    )
    assert (answer.json()["mode"], answer.json()["price"]) == ("clone", 100.0)


async def test_a_price_above_the_balance_is_told_and_not_refused(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    answer = await estimate(client, customer, data={"text": SENTENCE * 200, "colour": "red"})
    assert answer.status_code == 200
    assert answer.json()["sufficient"] is False
    assert answer.json()["warnings"] == ["The field colour is not known and was ignored."]


@pytest.mark.parametrize(
    ("sent", "status"), [({"text": " "}, 400), ({"text": "Hello.", "language": "xx"}, 422)]
)
async def test_what_ordering_refuses_is_refused_here(
    client: httpx.AsyncClient, customer: Customer, sent: dict[str, str], status: int
) -> None:
    assert (await estimate(client, customer, data=sent)).status_code == status
