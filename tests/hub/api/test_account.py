"""What an account sees of itself."""

from __future__ import annotations

import base64

import httpx
import pytest

from hub.evaluation import read_baseline
from hub.hub import Hub
from tests.hub.api.conftest import Customer, finished, ordered
from tests.hub.conftest import Clock

DAY = 86_400


async def test_the_account(client: httpx.AsyncClient, customer: Customer) -> None:
    await ordered(client, customer)
    answer = await client.get("/v1/account", headers=customer.headers)
    assert answer.json() == {
        "id": customer.account_id,
        "email": "owner@example.com",
        "plan": "paid",
        "credits": 450.0,
        "held": 50.0,
        "low_credit_below": 100.0,
        "low_credit_since": None,
        "limits": {"requests_per_minute": 600, "concurrent": 8},
    }
    assert answer.headers["cache-control"] == "no-store"


async def test_the_signing_secret_stays_the_same(client: httpx.AsyncClient, customer: Customer) -> None:
    secrets = {
        (await client.get("/v1/account/signing-secret", headers=customer.headers)).json()["signing_secret"]
        for _ in range(2)
    }
    (secret,) = secrets
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32


async def test_usage_by_day(client: httpx.AsyncClient, customer: Customer, hub: Hub, clock: Clock) -> None:
    for pause in (0, 0, DAY, 3 * DAY):
        clock.advance(pause)
        await finished(hub, await ordered(client, customer))
    await ordered(client, customer)  # held, not spent

    async def usage(**params: int) -> dict[str, object]:
        answer = await client.get("/v1/account/usage", params=params, headers=customer.headers)
        assert answer.status_code == 200, answer.text
        document: dict[str, object] = answer.json()
        return document

    assert await usage() == {
        "days": [
            {"date": "2026-05-03", "generations": 2, "credits_used": 100.0},
            {"date": "2026-05-04", "generations": 1, "credits_used": 50.0},
            {"date": "2026-05-07", "generations": 1, "credits_used": 50.0},
        ],
        "generations": 4,
        "credits_used": 200.0,
    }
    assert (await usage(days=1))["credits_used"] == 50.0
    assert (await usage(days=4))["generations"] == 2
    refused = await client.get("/v1/account/usage?days=0", headers=customer.headers)
    assert refused.status_code == 422


async def test_languages_need_no_key(client: httpx.AsyncClient) -> None:
    languages = {row["code"]: row for row in (await client.get("/v1/languages")).json()["data"]}
    assert len(languages) >= 31
    assert languages["en"]["tier"] == "native"
    assert languages["th"]["native_name"] == "ไทย"
    measured = read_baseline()["words.error_rate"]
    assert languages["en"]["word_error_rate"] == pytest.approx(measured, abs=0.0005)
