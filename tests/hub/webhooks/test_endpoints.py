"""Endpoints through the API: told by the Standard Webhooks rules, tried again, replayed, switched off."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import standardwebhooks
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from hub.deliveries import forget_old
from hub.instants import rfc3339
from hub.mail import Letter
from hub.store.tables import Delivery, DeliveryAttempt
from tests.hub.api.conftest import new_customer, ordered
from tests.hub.connections.conftest import Workshop
from tests.hub.receiver import Received, Receiver, running_receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as receiver:
        yield receiver


def checked(secret: str, received: Received) -> dict[str, Any]:
    """The message, once the official library has seen that `secret` is among those that signed it."""
    headers = received.headers
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    signature = standardwebhooks.Webhook(secret).sign(headers["webhook-id"], at, received.body.decode())
    assert signature in headers["webhook-signature"].split()
    return received.document


async def added(workshop: Workshop, receiver: Receiver, **more: Any) -> dict[str, Any]:
    form = {"url": receiver.url, **more}
    made: dict[str, Any] = await workshop.call("POST", "/v1/webhooks", 201, json=form)
    return made


async def spoken(workshop: Workshop) -> str:
    generation_id = await ordered(workshop.client, workshop.customer)
    await workshop.settle()
    return generation_id


async def test_an_endpoint_hears_of_what_it_asked_for(workshop: Workshop, receiver: Receiver) -> None:
    made = await added(workshop, receiver, events=["generation.completed", "voice.ready"])
    generation_id = await spoken(workshop)
    await workshop.call(
        "POST", "/v1/voices", 201, json={"name": "Narrator", "voice_description": "warm woman"}
    )
    other = await ordered(workshop.client, workshop.customer)
    await workshop.call("POST", f"/v1/tts/generations/{other}/cancel")
    await workshop.settle()
    heard = [checked(made["secret"], one) for one in receiver.received]
    assert [one["type"] for one in heard] == ["generation.completed", "voice.ready"]
    assert heard[0]["data"]["id"] == generation_id
    assert (await workshop.client.get(heard[0]["data"]["output_url"])).status_code == 200
    assert heard[1]["data"]["name"] == "Narrator"
    path = f"/v1/webhooks/{made['id']}"
    listed = await workshop.call("GET", "/v1/webhooks")
    assert [one["id"] for one in listed["data"]] == [made["id"]]
    assert "secret" not in await workshop.call("GET", path)
    newest = (await workshop.call("GET", f"{path}/attempts?limit=1"))["data"]
    assert [(one["event"], one["status"]) for one in newest] == [("voice.ready", "delivered")]
    assert newest[0]["attempts"][0]["status"] == 200
    stranger = await new_customer(workshop.hub, "other@example.com")
    assert (await workshop.client.get(path, headers=stranger.headers)).status_code == 404
    await workshop.call("DELETE", path, 204)
    await workshop.call("GET", path, 404)


async def test_every_try_sends_the_same_bytes_and_a_replay_too(
    workshop: Workshop,
    receiver: Receiver,
) -> None:
    receiver.statuses = [500, 200]
    made = await added(workshop, receiver)
    path = f"/v1/webhooks/{made['id']}"
    before = workshop.hub.now() - timedelta(seconds=1)
    await spoken(workshop)
    (message,) = (await workshop.call("GET", f"{path}/attempts"))["data"]
    assert message["next_at"] is not None
    assert (await workshop.call("GET", path))["failing_since"] is not None
    workshop.clock.advance(60)
    await workshop.errand(message["id"])
    assert (await workshop.call("GET", path))["failing_since"] is None
    rotated = await workshop.call("POST", f"{path}/rotate-secret")
    since = {"since": rfc3339(before), "delivered_too": True}
    assert await workshop.call("POST", f"{path}/replay", 202, json=since) == {"replayed": 1}
    await workshop.settle()
    assert await workshop.call("POST", f"{path}/replay", 202, json={"since": rfc3339(before)}) == {
        "replayed": 0
    }
    one = {"message_id": message["id"]}
    assert await workshop.call("POST", f"{path}/replay", 202, json=one) == {"replayed": 1}
    await workshop.settle()
    assert len(receiver.received) == 4
    assert len({received.body for received in receiver.received}) == 1
    assert {received.headers["webhook-id"] for received in receiver.received} == {message["id"]}
    for secret in (made["secret"], rotated["secret"]):
        checked(secret, receiver.received[-1])
    await workshop.call("POST", f"{path}/replay", 404, json={"message_id": "other"})
    await workshop.call("POST", f"{path}/replay", 422, json={})


async def test_one_that_is_gone_is_switched_off_until_its_owner_says_so(
    workshop: Workshop,
    receiver: Receiver,
) -> None:
    receiver.statuses = [410, 200]
    made = await added(workshop, receiver, description="Mine")
    path = f"/v1/webhooks/{made['id']}"
    waiting = await workshop.call("POST", f"{path}/test", 202)
    await workshop.settle()
    shown = await workshop.call("GET", path)
    assert (shown["enabled"], shown["description"]) == (False, "Mine")
    assert "no more messages" in shown["disabled_reason"]
    await spoken(workshop)
    await workshop.call("POST", f"{path}/test", 409)
    await workshop.call("POST", f"{path}/replay", 409, json={"message_id": waiting["id"]})
    changed = {"enabled": True, "events": "generation.failed, voice.ready"}
    shown = await workshop.call("PATCH", path, data=changed)
    assert (shown["enabled"], shown["events"]) == (True, ["generation.failed", "voice.ready"])
    await workshop.call("POST", f"{path}/test", 202)
    await workshop.settle()
    assert [json.loads(one.body)["type"] for one in receiver.received] == ["webhook.test"] * 2
    off = await workshop.call("PATCH", path, json={"enabled": False})
    assert off["disabled_reason"] == "Switched off by its owner."


async def test_one_that_fails_for_five_days_is_switched_off(
    workshop: Workshop,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its owner gets one letter, and has sent again what it missed meanwhile."""
    letters: list[Letter] = []

    async def send_letter(_: object, letter: Letter) -> None:
        letters.append(letter)

    monkeypatch.setattr("hub.webhooks.telling.send_letter", send_letter)
    receiver.statuses = [500]
    made = await added(workshop, receiver, events=["generation.completed"])
    path = f"/v1/webhooks/{made['id']}"
    for _ in range(2):
        await workshop.call("POST", f"{path}/test", 202)
        await workshop.settle()
        workshop.clock.advance(5 * 86_400 + 60)
    shown = await workshop.call("GET", path)
    assert shown["enabled"] is False
    assert "five days" in shown["disabled_reason"]
    (letter,) = letters
    assert (letter.to, made["id"] in letter.words, receiver.url in letter.words) == (
        "owner@example.com",
        True,
        True,
    )
    before, heard = workshop.hub.now(), len(receiver.received)
    generation_id = await spoken(workshop)
    assert len(receiver.received) == heard
    receiver.statuses = [200]
    await workshop.call("PATCH", path, json={"enabled": True})
    since = {"since": rfc3339(before)}
    assert await workshop.call("POST", f"{path}/replay", 202, json=since) == {"replayed": 1}
    await workshop.settle()
    assert checked(made["secret"], receiver.received[-1])["data"]["id"] == generation_id


async def test_messages_and_their_tries_are_kept_for_thirty_days(
    workshop: Workshop, receiver: Receiver
) -> None:
    await added(workshop, receiver)
    await spoken(workshop)
    workshop.clock.advance(29 * 86_400)
    await forget_old(workshop.hub)
    assert await workshop.count(Delivery) == await workshop.count(DeliveryAttempt) == 1
    workshop.clock.advance(2 * 86_400)
    receiver.statuses = [500]
    await spoken(workshop)
    await forget_old(workshop.hub)
    async with workshop.hub.database.reading() as session:
        (left,) = await session.scalars(select(Delivery))
    assert left.status == "waiting"
    assert await workshop.count(DeliveryAttempt) == 1


async def test_one_that_is_signed_with_a_key_shows_only_its_public_half(
    workshop: Workshop, receiver: Receiver
) -> None:
    """Checked by hand: the official library for Python knows no `v1a`."""
    made = await added(workshop, receiver, signature="v1a")
    assert made["secret"] is None
    path = f"/v1/webhooks/{made['id']}"
    rotated = await workshop.call("POST", f"{path}/rotate-secret")
    assert (await workshop.call("GET", path))["public_key"] == rotated["public_key"] != made["public_key"]
    await workshop.call("POST", f"{path}/test", 202)
    await workshop.settle()
    (received,) = receiver.received
    headers = received.headers
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + received.body
    signatures = [one.removeprefix("v1a,") for one in headers["webhook-signature"].split()]
    keys = (rotated["public_key"], made["public_key"])
    for key, signature in zip(keys, signatures, strict=True):
        public = Ed25519PublicKey.from_public_bytes(b64decode(key.removeprefix("whpk_")))
        public.verify(b64decode(signature), content)


async def test_what_cannot_be_an_endpoint_is_refused_and_a_repeat_is_one(
    workshop: Workshop,
    receiver: Receiver,
) -> None:
    for form, words in (
        ({"url": "ftp://example.com"}, "cannot be called"),
        ({"url": receiver.url, "events": ["nothing"]}, "must be some of"),
        ({}, "url"),
    ):
        refused = await workshop.call("POST", "/v1/webhooks", 422, json=form)
        assert words in refused["detail"]
    headers = {**workshop.customer.headers, "Idempotency-Key": "once"}
    form = {"url": receiver.url}
    first, second = [await workshop.client.post("/v1/webhooks", json=form, headers=headers) for _ in range(2)]
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert len((await workshop.call("GET", "/v1/webhooks"))["data"]) == 1
