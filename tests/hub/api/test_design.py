"""Several voices for one description: one price, and the one that is liked is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx

from hub.hub import Hub
from hub.jobs import claim, complete, erase, fail
from hub.store.tables import Account
from tests.hub.api.conftest import Customer, finished, new_customer, status_of
from tests.hub.jobs.orders import speech

ASKED = {"voice_description": "a warm woman", "seed": 7}


async def designed(client: httpx.AsyncClient, customer: Customer, **fields: Any) -> dict[str, Any]:
    answer = await client.post("/v1/voices/design", json={**ASKED, **fields}, headers=customer.headers)
    assert answer.status_code == 202, answer.text
    document: dict[str, Any] = answer.json()
    assert answer.headers["location"] == document["previews"][0]["status_url"]
    return document


async def refused(client: httpx.AsyncClient, customer: Customer, **fields: Any) -> tuple[int, str]:
    sent = {name: value for name, value in {**ASKED, **fields}.items() if value is not None}
    answer = await client.post("/v1/voices/design", json=sent, headers=customer.headers)
    return answer.status_code, answer.json()["detail"]


async def money(hub: Hub, customer: Customer) -> tuple[int, int]:
    async with hub.database.reading() as session:
        account = await session.get(Account, customer.account_id)
        assert account is not None
        return account.credits, account.held


async def broken(hub: Hub, generation_id: str) -> None:
    taken = await claim(hub, generation_id)
    assert taken is not None
    await fail(hub, taken, code="engine_failed", message="No.", retryable=False)


async def test_previews_differ_in_seed_and_cost_once(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    made = await designed(client, customer, text="Hi.", format="MP3")
    assert [preview["seed"] for preview in made["previews"]] == [7, 8, 9]
    assert made["credits_used"] == 50.0
    assert await money(hub, customer) == (450, 50)
    for preview in reversed(made["previews"]):
        taken = await claim(hub, preview["id"])
        assert taken is not None
        assert (taken.request.text, taken.request.description) == ("Hi.", "a warm woman")
        assert taken.request.seed == preview["seed"]
        await complete(hub, taken, replace(speech(), format=taken.request.format, seed=preview["seed"]))
    assert await money(hub, customer) == (450, 0)
    shown = [await status_of(client, customer, preview["id"]) for preview in made["previews"]]
    assert [status["credits_used"] for status in shown] == [50.0, 0.0, 0.0]
    assert all(status["output_url"] for status in shown)


async def test_the_price_comes_back_when_no_preview_succeeds(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    made = await designed(client, customer)
    first, second, third = (preview["id"] for preview in made["previews"])
    await broken(hub, first)
    await erase(hub, customer.account_id, third)
    assert await money(hub, customer) == (450, 50), "one may still succeed"
    await broken(hub, second)
    assert await money(hub, customer) == (500, 0)


async def test_one_success_is_paid_and_shows_the_price(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    for order in ((0, 1), (1, 0)):
        made = await designed(client, customer, count=2)
        before = (await money(hub, customer))[0]
        for number in order:
            wanted = made["previews"][number]["id"]
            await (broken(hub, wanted) if number == 0 else finished(hub, wanted))
        assert await money(hub, customer) == (before, 0)
        shown = [await status_of(client, customer, preview["id"]) for preview in made["previews"]]
        assert [status["credits_used"] for status in shown] == [0.0, 50.0]


async def test_a_repeat_with_its_key_brings_the_same_previews(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    headers = {**customer.headers, "Idempotency-Key": "design-1"}
    sent = {"voice_description": "a warm woman"}
    first, again = [await client.post("/v1/voices/design", json=sent, headers=headers) for _ in range(2)]
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert await money(hub, customer) == (450, 50)
    other = await client.post("/v1/voices/design", json={**sent, "count": 2}, headers=headers)
    assert other.status_code == 409


async def test_what_cannot_be_designed_is_refused(client: httpx.AsyncClient, customer: Customer) -> None:
    assert await refused(client, customer, voice_description=" ") == (
        422,
        "voice_description: must be a text of 1 to 1000 characters.",
    )
    assert await refused(client, customer, count=6) == (
        422,
        "count: must be a whole number from 1 to 5, not 6.",
    )
    assert (await refused(client, customer, language="de"))[1].startswith(
        "text: must be a text in the language"
    )
    assert (await refused(client, customer, text="x" * 501))[0] == 400
    assert (await refused(client, customer, language="tlh"))[1].startswith("language: must be one of")


async def test_a_preview_is_kept_by_its_id_and_only_by_its_owner(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    made = await designed(client, customer)
    wanted = made["previews"][2]
    saved = await client.post(
        "/v1/voices", json={"name": "Mara", "preview_id": wanted["id"]}, headers=customer.headers
    )
    assert saved.status_code == 201, saved.text
    assert (saved.json()["voice_description"], saved.json()["seed"]) == ("a warm woman", 9)
    stranger = await new_customer(hub, "other@example.com")
    for headers, sent in (
        (stranger.headers, {"preview_id": wanted["id"]}),
        (customer.headers, {"preview_id": "no-id"}),
        (customer.headers, {"preview_id": wanted["id"], "voice_description": "a man"}),
    ):
        answer = await client.post("/v1/voices", json={"name": "Other", **sent}, headers=headers)
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith("preview_id: must be")
