"""Status, list, delete and cancel, always within one account."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from hub.api.schemas.status import GenerationStatus
from hub.hub import Hub
from hub.jobs import claim, fail
from tests.hub.api.conftest import Customer, finished, new_customer, ordered, status_of
from tests.hub.conftest import Clock

LIST = "/v1/tts/generations"


async def test_the_status_of_each_state(client: httpx.AsyncClient, customer: Customer, hub: Hub) -> None:
    generation_id = await ordered(client, customer, metadata='{"sku": 7}')
    waiting = await status_of(client, customer, generation_id)
    assert (waiting["status"], waiting["output_url"], waiting["metadata"]) == ("queued", None, {"sku": 7})
    await finished(hub, generation_id)
    done = await status_of(client, customer, generation_id)
    assert (done["status"], done["progress"], done["engine"]) == ("completed", 1.0, "kokoro")
    assert done["warnings"] == ["from the engine"]
    for document in (waiting, done):
        assert list(GenerationStatus.model_validate(document).model_dump()) == list(document)


async def test_a_failure_says_why_and_gives_the_credits_back(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    generation_id = await ordered(client, customer)
    taken = await claim(hub, generation_id)
    assert taken is not None
    await fail(hub, taken, code="audio_defective", message="The audio was silent.", retryable=False)
    document = await status_of(client, customer, generation_id)
    assert document["error"] == {"code": "audio_defective", "message": "The audio was silent."}
    account = (await client.get("/v1/account", headers=customer.headers)).json()
    assert (account["credits"], account["held"], document["credits_used"]) == (500, 0, 0)


async def test_each_status_has_a_fresh_link(
    client: httpx.AsyncClient, customer: Customer, hub: Hub, clock: Clock
) -> None:
    generation_id = await ordered(client, customer)
    await finished(hub, generation_id)
    first = (await status_of(client, customer, generation_id))["output_url"]
    clock.advance(10)
    second = (await status_of(client, customer, generation_id))["output_url"]
    assert first != second
    assert (await client.get(second)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/tts/status/{id}"),
        ("DELETE", "/v1/tts/generations/{id}"),
        ("POST", "/v1/tts/generations/{id}/cancel"),
    ],
)
async def test_what_is_not_yours_is_not_there(
    client: httpx.AsyncClient, customer: Customer, hub: Hub, method: str, path: str
) -> None:
    stranger = await new_customer(hub, "stranger@example.com")
    theirs = await ordered(client, stranger)
    for wanted in (theirs, str(uuid4()), "nonsense", "%00", "x" * 36, "../account", "{" + "0" * 32 + "}"):
        answer = await client.request(method, path.format(id=wanted), headers=customer.headers)
        assert answer.status_code == 404, (wanted, answer.text)
        if "/" not in wanted:
            assert answer.json()["detail"].startswith("Generation not found")
    assert (await status_of(client, stranger, theirs))["status"] == "queued"


async def test_an_id_in_capitals_is_the_same(client: httpx.AsyncClient, customer: Customer) -> None:
    generation_id = await ordered(client, customer)
    assert (await status_of(client, customer, generation_id.upper()))["id"] == generation_id


async def test_deleting_erases_once(client: httpx.AsyncClient, customer: Customer, hub: Hub) -> None:
    generation_id = await ordered(client, customer)
    await finished(hub, generation_id)
    assert (await client.delete(f"{LIST}/{generation_id}", headers=customer.headers)).status_code == 204
    again = await client.delete(f"{LIST}/{generation_id}", headers=customer.headers)
    assert again.status_code == 404
    status = await client.get(f"/v1/tts/status/{generation_id}", headers=customer.headers)
    assert status.status_code == 404
    assert (await client.get(LIST, headers=customer.headers)).json()["data"] == []


async def test_deleting_one_that_waits_gives_its_credits_back(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    generation_id = await ordered(client, customer)
    await client.delete(f"{LIST}/{generation_id}", headers=customer.headers)
    account = (await client.get("/v1/account", headers=customer.headers)).json()
    assert (account["credits"], account["held"]) == (500, 0)


async def test_cancelling(client: httpx.AsyncClient, customer: Customer, hub: Hub) -> None:
    generation_id = await ordered(client, customer)
    for _ in range(2):
        answer = await client.post(f"{LIST}/{generation_id}/cancel", headers=customer.headers)
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    account = (await client.get("/v1/account", headers=customer.headers)).json()
    assert (account["credits"], account["held"]) == (500, 0)
    done = await ordered(client, customer)
    await finished(hub, done)
    late = await client.post(f"{LIST}/{done}/cancel", headers=customer.headers)
    assert late.status_code == 409
    assert "completed already" in late.json()["detail"]


async def test_pages_newest_first(client: httpx.AsyncClient, customer: Customer, clock: Clock) -> None:
    made = []
    for _ in range(5):
        made.append(await ordered(client, customer))
        clock.advance(1)
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await client.get(LIST, params=params, headers=customer.headers)).json()
        seen += [row["id"] for row in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]


async def test_filters(client: httpx.AsyncClient, customer: Customer, hub: Hub) -> None:
    done, waiting = await ordered(client, customer), await ordered(client, customer)
    await finished(hub, done)

    async def listed(**params: str) -> list[str]:
        page = await client.get(LIST, params=params, headers=customer.headers)
        return [row["id"] for row in page.json()["data"]]

    assert await listed(status="completed") == [done]
    assert await listed(status="queued") == [waiting]
    assert sorted(await listed(mode="design", source="api", status="")) == sorted([done, waiting])
    assert await listed(mode="clone") == []
    assert await listed(source="shopify") == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "x"),
        ("status", "done"),
        ("mode", "sing"),
        ("source", "a\0"),
        ("cursor", "nonsense"),
        ("cursor", "é"),
        ("cursor", "W10="),
    ],
)
async def test_filters_that_are_none(
    client: httpx.AsyncClient, customer: Customer, field: str, value: str
) -> None:
    answer = await client.get(LIST, params={field: value}, headers=customer.headers)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field
