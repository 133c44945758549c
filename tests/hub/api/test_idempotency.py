"""A repeated POST does nothing and gets the first answer again."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from hub.api import idempotency
from hub.api.app import create_app
from hub.hub import Hub
from hub.store import idempotency as store
from hub.store.tables import Account, Generation
from tests.hub.api.conftest import Customer, new_customer
from tests.hub.api.recordings import voice_like, wav
from tests.hub.conftest import Clock

GENERATE = "/v1/tts/generate"


async def order(client: httpx.AsyncClient, customer: Customer, key: str, **sent: Any) -> httpx.Response:
    sent = sent or {"data": {"text": "Hello."}}
    return await client.post(GENERATE, headers={**customer.headers, "Idempotency-Key": key}, **sent)


async def count(hub: Hub) -> int:
    async with hub.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(Generation)) or 0


async def test_a_repeat_gets_the_first_answer(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    first = await order(client, customer, "one")
    again = await order(client, customer, "one")
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert await count(hub) == 1


@pytest.mark.parametrize(
    ("path", "data"),
    [(GENERATE, {"text": "Hello."}), ("/v1/voices/design", {"voice_description": "A calm woman"})],
)
async def test_a_repeat_gets_the_first_answer_although_time_passes_while_it_is_made(
    client: httpx.AsyncClient,
    customer: Customer,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    data: dict[str, str],
) -> None:
    def ticking(clock: Clock) -> datetime:
        clock.advance(1)
        return clock.instant

    monkeypatch.setattr(Clock, "__call__", ticking)
    headers = {**customer.headers, "Idempotency-Key": "slow"}
    first, again = [await client.post(path, headers=headers, data=data) for _ in range(2)]
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.text == first.text


async def test_the_form_of_the_repeat_does_not_matter(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    fields = {"text": "Hello.", "cfg_value": "3"}
    await order(client, customer, "one", data=fields)
    again = await order(client, customer, "one", json={**fields, "cfg_value": 3.0})
    assert again.headers["idempotency-replayed"] == "true"
    assert await count(hub) == 1


async def test_a_cloning_upload_is_repeated_too(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    recording = wav()
    for _ in range(2):
        answer = await order(
            client, customer, "k", data={"text": "Hi."}, files={"voice_ref": ("a", recording)}
        )
        assert answer.status_code == 202, answer.text
    assert await count(hub) == 1
    other = wav(voice_like(7.0))
    answer = await order(client, customer, "k", data={"text": "Hi."}, files={"voice_ref": ("a", other)})
    assert answer.status_code == 409


@pytest.mark.parametrize(
    "other", [{"text": "Bye."}, {"text": "Hello.", "seed": "1"}, {"text": "Hello.", "language": "de"}]
)
async def test_another_request_under_the_same_key(
    client: httpx.AsyncClient, customer: Customer, other: dict[str, str]
) -> None:
    await order(client, customer, "one")
    answer = await order(client, customer, "one", data=other)
    assert answer.status_code == 409
    assert answer.json()["detail"].startswith("Idempotency-Key was used with a different request")


async def test_keys_belong_to_their_account(client: httpx.AsyncClient, customer: Customer, hub: Hub) -> None:
    other = await new_customer(hub, "other@example.com")
    first, second = await order(client, customer, "one"), await order(client, other, "one")
    assert first.json()["id"] != second.json()["id"]
    assert "idempotency-replayed" not in second.headers


async def test_a_key_lives_a_day(
    client: httpx.AsyncClient, customer: Customer, clock: Clock, hub: Hub
) -> None:
    await order(client, customer, "one")
    clock.advance(86_399)
    assert (await order(client, customer, "one")).headers["idempotency-replayed"] == "true"
    clock.advance(2)
    assert "idempotency-replayed" not in (await order(client, customer, "one")).headers
    assert await count(hub) == 2


async def test_a_refusal_is_not_kept(client: httpx.AsyncClient, customer: Customer) -> None:
    assert (await order(client, customer, "one", data={"text": ""})).status_code == 400
    assert (await order(client, customer, "one")).status_code == 202


async def test_a_repeat_is_answered_when_the_credits_are_gone(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    first = await order(client, customer, "one")
    for number in range(9):
        await order(client, customer, f"more-{number}")
    assert (await order(client, customer, "too-many")).status_code == 402
    assert (await order(client, customer, "one")).json() == first.json()


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there", b"\xc3\xa9"])
async def test_keys_that_are_none(client: httpx.AsyncClient, customer: Customer, key: Any) -> None:
    answer = await order(client, customer, key)
    assert answer.status_code == 422
    assert answer.json()["field"] == "Idempotency-Key"


async def test_the_longest_key(client: httpx.AsyncClient, customer: Customer) -> None:
    assert (await order(client, customer, "x" * 255)).status_code == 202


async def test_cancelling_under_a_key(client: httpx.AsyncClient, customer: Customer) -> None:
    generation_id = (await order(client, customer, "one")).json()["id"]
    path = f"/v1/tts/generations/{generation_id}/cancel"
    headers = {**customer.headers, "Idempotency-Key": "two"}
    first, again = [await client.post(path, headers=headers) for _ in range(2)]
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    reused = await client.post(path, headers={**customer.headers, "Idempotency-Key": "one"})
    assert reused.status_code == 409


@pytest.mark.parametrize("recording", [False, True])
async def test_twenty_at_once_are_one_job_and_one_charge(either_hub: Hub, recording: bool) -> None:
    app = create_app(either_hub)
    customer = await new_customer(either_hub, "owner@example.com")
    sent: dict[str, Any] = {"data": {"text": "Hello."}}
    if recording:
        sent["files"] = {"voice_ref": ("me.wav", wav())}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub.test") as client:
        answers = await asyncio.gather(*(order(client, customer, "one", **sent) for _ in range(20)))
    await app.state.rates.close()
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert await count(either_hub) == 1
    async with either_hub.database.reading() as session:
        account = await session.get(Account, customer.account_id)
        assert account is not None
        price = 100 if recording else 50
        assert (account.credits, account.held) == (500 - price, price)


async def test_parallel_orders_never_overdraw(either_hub: Hub) -> None:
    app = create_app(either_hub)
    customer = await new_customer(either_hub, "owner@example.com")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub.test") as client:
        answers = await asyncio.gather(*(order(client, customer, f"key-{n}") for n in range(20)))
    await app.state.rates.close()
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(202), statuses.count(402)) == (10, 10)


async def post_hook(client: httpx.AsyncClient, customer: Customer, key: str) -> httpx.Response:
    headers = {**customer.headers, "Idempotency-Key": key}
    return await client.post("/v1/webhooks", json={"url": "https://example.com/a"}, headers=headers)


async def count_hooks(client: httpx.AsyncClient, customer: Customer) -> int:
    return len((await client.get("/v1/webhooks", headers=customer.headers)).json()["data"])


async def test_eight_webhooks_at_once_are_one(either_hub: Hub) -> None:
    app = create_app(either_hub)
    customer = await new_customer(either_hub, "owner@example.com")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub.test") as client:
        answers = await asyncio.gather(*(post_hook(client, customer, "one") for _ in range(8)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.text for answer in answers}) == 1
        assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
        assert await count_hooks(client, customer) == 1
    await app.state.rates.close()


async def test_what_was_cut_short_is_not_done_again(
    client: httpx.AsyncClient, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(*given: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(idempotency, "_PAUSE", 0.001)
    with monkeypatch.context() as dying:
        dying.setattr(store, "answer", killed)
        with pytest.raises(KeyboardInterrupt):
            await post_hook(client, customer, "one")
    again = await post_hook(client, customer, "one")
    assert (again.status_code, again.json()["code"]) == (409, "idempotency_key_in_use")
    assert await count_hooks(client, customer) == 1


async def test_secrets_tests_and_hooks_are_made_once(client: httpx.AsyncClient, customer: Customer) -> None:
    hook = (await post_hook(client, customer, "one")).json()["id"]
    asked: list[tuple[str, dict[str, str] | None]] = [
        (f"/v1/webhooks/{hook}/rotate-secret", None),
        (f"/v1/webhooks/{hook}/test", None),
        (f"/v1/webhooks/{hook}/replay", {"since": "2026-05-03T11:00:00Z"}),
        ("/v1/hooks", {"target_url": "https://example.com/b"}),
    ]
    for path, fields in asked:
        headers = {**customer.headers, "Idempotency-Key": path[-40:]}
        first, again = [await client.post(path, json=fields, headers=headers) for _ in range(2)]
        assert first.is_success, first.text
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        assert again.headers["idempotency-replayed"] == "true"
    sent = await client.get(f"/v1/webhooks/{hook}/attempts", headers=customer.headers)
    assert len(sent.json()["data"]) == 1
