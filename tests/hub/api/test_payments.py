"""Credits that were bought elsewhere: signed, once, and for an account of ours."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook

from hub.hub import Hub
from tests.hub.api.conftest import Customer, new_customer
from tests.hub.conftest import Clock

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
OLD = "whsec_" + "b2xkIHNlY3JldCBvZiB0aGUgcHJvdmlkZXI="


@pytest.fixture
def paying_hub(hub: Hub) -> Hub:
    object.__setattr__(hub.settings, "payment_secret", SecretStr(f"{SECRET}, {OLD}"))
    return hub


def signed(body: str, event_id: str, at: datetime, secret: str = SECRET) -> dict[str, str]:
    """The headers that the reference library makes."""
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(event_id, at, body),
    }


async def told(
    client: httpx.AsyncClient, at: datetime, event_id: str = "evt_1", secret: str = SECRET, **data: Any
) -> httpx.Response:
    body = json.dumps({"type": "credits.purchased", "data": data})
    return await client.post("/hooks/payments", content=body, headers=signed(body, event_id, at, secret))


async def credits_of(client: httpx.AsyncClient, customer: Customer) -> tuple[float, str]:
    account = (await client.get("/v1/account", headers=customer.headers)).json()
    return account["credits"], account["plan"]


async def test_a_payment_gives_credits_once_and_the_paid_plan(
    client: httpx.AsyncClient, paying_hub: Hub, clock: Clock
) -> None:
    buyer = await new_customer(paying_hub, "buyer@example.com", plan="trial")
    answer = await told(client, clock(), email="Buyer@example.com", credits=10_000, reference="inv_7")
    assert (answer.status_code, answer.json()) == (200, {"status": "granted"})
    assert await credits_of(client, buyer) == (10_500, "paid")
    again = await asyncio.gather(
        *(told(client, clock(), email="buyer@example.com", credits=10_000) for _ in range(4))
    )
    assert [answer.json()["status"] for answer in again] == ["granted before"] * 4
    assert await credits_of(client, buyer) == (10_500, "paid")
    await told(client, clock(), "evt_2", secret=OLD, account_id=buyer.account_id, credits=1)
    assert (await credits_of(client, buyer))[0] == 10_501


async def test_one_event_sent_many_times_at_once_is_one_payment(
    client: httpx.AsyncClient, paying_hub: Hub, clock: Clock
) -> None:
    buyer = await new_customer(paying_hub, "buyer@example.com")
    sent = [told(client, clock(), account_id=buyer.account_id, credits=100) for _ in range(8)]
    answers = await asyncio.gather(*sent)
    assert sorted(answer.json()["status"] for answer in answers) == ["granted", *["granted before"] * 7]
    assert (await credits_of(client, buyer))[0] == 600


async def test_nothing_unsigned_is_believed(
    client: httpx.AsyncClient, paying_hub: Hub, customer: Customer, clock: Clock
) -> None:
    data = {"account_id": customer.account_id, "credits": 1000}
    body = json.dumps({"type": "credits.purchased", "data": data})
    good = signed(body, "evt_1", clock())
    other = "whsec_" + "YW5vdGhlciBzZWNyZXQgYWx0b2dldGhlcg=="
    for headers, content in (
        ({}, body),
        (good, body.replace("1000", "9000")),
        ({**good, "webhook-id": "evt_2"}, body),
        (signed(body, "evt_1", clock() - timedelta(minutes=6)), body),
        (signed(body, "evt_1", clock(), other), body),
    ):
        answer = await client.post("/hooks/payments", content=content, headers=headers)
        assert answer.status_code == 401, answer.text
    assert (await credits_of(client, customer))[0] == 500


async def test_without_a_secret_there_is_no_such_address(client: httpx.AsyncClient, clock: Clock) -> None:
    assert (await told(client, clock(), email="a@example.com", credits=1)).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ('{"type": "invoice.created", "data": {}}', 200, "ignored"),
        ("{}", 422, "must name the event"),
        ("no json", 422, "must name the event"),
        ('{"type": "credits.purchased"}', 422, "data"),
        ('{"type": "credits.purchased", "data": {"email": "o@example.com", "credits": 0}}', 422, "credits"),
        ('{"type": "credits.purchased", "data": {"email": "o@example.com", "credits": "9"}}', 422, "credits"),
        ('{"type": "credits.purchased", "data": {"email": "x@a.example", "credits": 9}}', 422, "no account"),
        ('{"type": "credits.purchased", "data": {"credits": 9}}', 422, "no account"),
        (" " * 70_000, 413, "64 KB"),
    ],
)  # fmt: skip
async def test_what_cannot_be_credited_is_told(
    client: httpx.AsyncClient,
    paying_hub: Hub,
    customer: Customer,
    clock: Clock,
    body: str,
    status: int,
    said: str,
) -> None:
    answer = await client.post("/hooks/payments", content=body, headers=signed(body, "evt_1", clock()))
    assert answer.status_code == status, answer.text
    assert said in answer.text
    assert (await credits_of(client, customer))[0] == 500
