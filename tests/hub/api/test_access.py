"""Keys, scopes and rates."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from hub.accounts import revoke_key
from hub.api.app import create_app
from hub.api.endpoint import Endpoint
from hub.api.endpoints import ENDPOINTS
from hub.hub import Hub
from hub.store.tables import ApiKey
from tests.hub.api.conftest import Customer, new_customer, ordered
from tests.hub.conftest import Clock
from tests.valkey import running_valkey

GUARDED = [endpoint for endpoint in ENDPOINTS if endpoint.scope is not None]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer shk_wrong"},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Authorization": b"Bearer \xff\xfe"},
        {"Authorization": "Bearer " + "x" * 10_000},
        {"X-API-Key": "shk_wrong"},
        {"X-API-Key": ""},
    ],
)
async def test_without_a_valid_key(client: httpx.AsyncClient, headers: dict[str, str | bytes]) -> None:
    answer = await client.get("/v1/account", headers=headers)  # type: ignore[arg-type]  # bytes on purpose
    assert answer.status_code == 401
    assert answer.json()["detail"].startswith("Missing or invalid API key")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("endpoint", GUARDED, ids=lambda endpoint: endpoint.operation_id)
async def test_every_guarded_endpoint_asks_for_a_key_first(
    client: httpx.AsyncClient, endpoint: Endpoint
) -> None:
    path = endpoint.path.replace("{id}", "nonsense")
    answer = await client.request(endpoint.method, path, content=b"{", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_may_be_written_any_way(
    client: httpx.AsyncClient, customer: Customer, scheme: str
) -> None:
    answer = await client.get("/v1/account", headers={"Authorization": f"{scheme}  {customer.key} "})
    assert answer.status_code == 200


async def test_the_key_in_its_own_header(client: httpx.AsyncClient, customer: Customer) -> None:
    assert (await client.get("/v1/account", headers={"X-API-Key": customer.key})).status_code == 200


async def test_a_revoked_key(client: httpx.AsyncClient, customer: Customer, hub: Hub) -> None:
    async with hub.database.transaction() as session:
        key = (await session.scalars(select(ApiKey).where(ApiKey.account_id == customer.account_id))).one()
        await revoke_key(session, key.id, now=hub.now())
    assert (await client.get("/v1/account", headers=customer.headers)).status_code == 401


async def test_the_last_use_of_a_key_is_noted(
    client: httpx.AsyncClient, customer: Customer, hub: Hub, clock: Clock
) -> None:
    async def last_used() -> object:
        async with hub.database.reading() as session:
            return await session.scalar(select(ApiKey.last_used_at))

    assert await last_used() is None
    first = clock()
    await client.get("/v1/account", headers=customer.headers)
    clock.advance(30)
    await client.get("/v1/account", headers=customer.headers)
    assert await last_used() == first
    clock.advance(31)
    await client.get("/v1/account", headers=customer.headers)
    assert await last_used() == clock()


@pytest.mark.parametrize("endpoint", GUARDED, ids=lambda endpoint: endpoint.operation_id)
async def test_a_missing_scope_is_named(client: httpx.AsyncClient, hub: Hub, endpoint: Endpoint) -> None:
    other = "voices:read" if endpoint.scope != "voices:read" else "account:read"
    poor = await new_customer(hub, "poor@example.com", scopes=[other])
    path = endpoint.path.replace("{id}", "nonsense")
    answer = await client.request(endpoint.method, path, headers=poor.headers)
    assert answer.status_code == 403
    assert str(endpoint.scope) in answer.json()["detail"]


async def test_every_answer_to_a_key_counts_down(client: httpx.AsyncClient, customer: Customer) -> None:
    seen = []
    for path in ("/v1/account", "/v1/account", "/v1/tts/generations?limit=0"):
        answer = await client.get(path, headers=customer.headers)
        seen.append(int(answer.headers["ratelimit-remaining"]))
        assert answer.headers["ratelimit-limit"] == "600"
        assert 1 <= int(answer.headers["ratelimit-reset"]) <= 60
    assert seen == [599, 598, 597]


async def test_the_sixty_first_request_of_a_trial_account(client: httpx.AsyncClient, hub: Hub) -> None:
    trial = await new_customer(hub, "trial@example.com", plan="trial")
    for _ in range(60):
        assert (await client.get("/v1/account", headers=trial.headers)).status_code == 200
    answer = await client.get("/v1/account", headers=trial.headers)
    assert answer.status_code == 429
    assert answer.json()["detail"].startswith("Rate limit exceeded")
    assert answer.headers["retry-after"].isdigit()
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert answer.headers["ratelimit-remaining"] == "0"
    other = await new_customer(hub, "other@example.com", plan="trial")
    assert (await client.get("/v1/account", headers=other.headers)).status_code == 200


async def test_waiting_for_a_status_does_not_use_up_the_requests(client: httpx.AsyncClient, hub: Hub) -> None:
    trial = await new_customer(hub, "trial@example.com", plan="trial")
    generation_id = await ordered(client, trial)
    for _ in range(100):
        answer = await client.get(f"/v1/tts/status/{generation_id}", headers=trial.headers)
        assert answer.status_code == 200
    assert answer.headers["ratelimit-limit"] == "600"
    assert (await client.get("/v1/account", headers=trial.headers)).headers["ratelimit-remaining"] == "58"


async def test_two_web_processes_share_one_window(app: Starlette, hub: Hub, customer: Customer) -> None:
    second = create_app(hub)
    seen = []
    for one in (app, second, app):
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(one), base_url="http://hub.test"
        ) as client:
            answer = await client.get("/v1/account", headers=customer.headers)
            seen.append(answer.headers["ratelimit-remaining"])
    await second.state.rates.close()
    assert seen == ["599", "598", "597"]


async def test_parallel_requests_are_each_counted(client: httpx.AsyncClient, hub: Hub) -> None:
    trial = await new_customer(hub, "trial@example.com", plan="trial")
    answers = await asyncio.gather(*(client.get("/v1/account", headers=trial.headers) for _ in range(80)))
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(200), statuses.count(429)) == (60, 20)


async def test_without_redis_each_process_counts_by_itself(hub: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "own-valkey"
    folder.mkdir()
    with running_valkey(folder) as valkey:
        settings = hub.settings.model_copy(update={"redis_url": valkey.url})
        app = create_app(replace(hub, settings=settings))
        trial = await new_customer(hub, "trial@example.com", plan="trial")
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as client:
            assert (await client.get("/v1/account", headers=trial.headers)).status_code == 200
            valkey.stop()
            statuses = [
                (await client.get("/v1/account", headers=trial.headers)).status_code for _ in range(61)
            ]
            valkey.start()
        await app.state.rates.close()
    assert statuses == [200] * 60 + [429]


async def test_guessing_keys_is_slowed_down_and_harms_no_customer(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    wrong = {"Authorization": "Bearer shk_guess"}
    statuses = [(await client.get("/v1/account", headers=wrong)).status_code for _ in range(61)]
    assert statuses == [401] * 60 + [429]
    assert (await client.get("/v1/account", headers=customer.headers)).status_code == 200
