"""Saved voices: kept with consent, used by id, deleted for good, seen by nobody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from hub.hub import Hub
from hub.jobs import claim
from tests.hub.api.conftest import Customer, new_customer
from tests.hub.api.recordings import voice_like, wav

CONSENT = "I am the speaker and agree to have my voice cloned. Ada Byron"
DESIGN = {"name": "Narrator", "voice_description": "an old man", "seed": "7"}


async def save(client: httpx.AsyncClient, customer: Customer, **sent: Any) -> httpx.Response:
    return await client.post("/v1/voices", headers={**customer.headers, **sent.pop("headers", {})}, **sent)


async def names(client: httpx.AsyncClient, customer: Customer) -> list[str]:
    answer = await client.get("/v1/voices", headers=customer.headers)
    return [voice["name"] for voice in answer.json()["data"]]


async def speak(client: httpx.AsyncClient, customer: Customer, **fields: str) -> httpx.Response:
    return await client.post("/v1/tts/generate", data={"text": "Hi.", **fields}, headers=customer.headers)


async def test_a_designed_voice_is_kept_and_spoken_with(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    saved = await save(client, customer, data=DESIGN)
    assert saved.status_code == 201, saved.text
    voice = saved.json()
    assert saved.headers["location"] == f"http://hub.test/v1/voices/{voice['id']}"
    assert (voice["mode"], voice["voice_description"], voice["seed"]) == ("design", "an old man", 7)
    assert voice["warnings"] == []
    order = await speak(client, customer, voice_id=voice["id"], voice_description="a child")
    assert order.json()["warnings"] == ["voice_description was ignored because voice_id was sent."]
    taken = await claim(hub, order.json()["id"])
    assert taken is not None
    assert (taken.request.description, taken.request.seed) == ("an old man", 7)


async def test_a_cloned_voice_keeps_its_recording_until_it_is_deleted(
    client: httpx.AsyncClient, customer: Customer, hub: Hub, tmp_path: Path
) -> None:
    noise = np.random.default_rng(2).normal(0, 0.2, len(voice_like())).astype(np.float32)
    recording = wav(voice_like() + noise)
    sent = {"data": {"name": "Ada", "consent": CONSENT}, "files": {"voice_ref": ("ada.wav", recording)}}
    voice = (await save(client, customer, **sent)).json()
    assert (voice["mode"], voice["consent"]) == ("clone", CONSENT)
    (warning,) = voice["warnings"]
    assert warning.startswith("The reference has noise or music behind the voice")
    order = await speak(client, customer, voice_id=voice["id"])
    assert (order.json()["mode"], order.json()["credits_used"]) == ("clone", 100.0)
    gone = await client.delete(f"/v1/voices/{voice['id']}", headers=customer.headers)
    assert gone.status_code == 204
    assert not list((tmp_path / "audio" / "voices").glob("*"))
    taken = await claim(hub, order.json()["id"])
    assert taken is not None
    assert taken.request.reference == recording, "the job keeps its own copy"
    assert await names(client, customer) == []


@pytest.mark.parametrize(
    ("sent", "status", "begins"),
    [
        ({"data": {"voice_description": "x"}}, 422, "name: "),
        ({"data": {"name": "A"}}, 422, "voice_description: send either"),
        ({"data": {"name": "A"}, "files": {"voice_ref": ("a.wav", wav())}}, 422, "consent: must say who"),
        (
            {"data": {"name": "A", "consent": "ok"}, "files": {"voice_ref": ("a.wav", wav())}},
            422,
            "consent: ",
        ),
        (
            {"data": {"name": "A", "consent": CONSENT}, "files": {"voice_ref": ("a.wav", b"text")}},
            400,
            "Reference audio could not be read as WAV or MP3",
        ),
        ({"data": {**DESIGN, "seed": "x"}}, 422, "seed: "),
    ],
)
async def test_refusals_keep_nothing(
    client: httpx.AsyncClient,
    customer: Customer,
    tmp_path: Path,
    sent: dict[str, Any],
    status: int,
    begins: str,
) -> None:
    answer = await save(client, customer, **sent)
    assert answer.status_code == status
    assert answer.json()["detail"].startswith(begins)
    assert await names(client, customer) == []
    assert not list((tmp_path / "audio").rglob("voices/*"))


async def test_names_are_unique_in_an_account_and_a_repeat_is_answered_again(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    key = {"Idempotency-Key": "v1"}
    first = await save(client, customer, data=DESIGN, headers=key)
    again = await save(client, customer, data=DESIGN, headers=key)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    taken = await save(client, customer, data=DESIGN)
    assert (taken.status_code, taken.json()["code"]) == (409, "voice_name_taken")
    other = await new_customer(hub, "other@example.com")
    assert (await save(client, other, data=DESIGN)).status_code == 201
    assert await names(client, customer) == ["Narrator"]


async def test_another_accounts_voice_is_not_there(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    voice = (await save(client, customer, data=DESIGN)).json()
    other = await new_customer(hub, "other@example.com")
    refused = await speak(client, other, voice_id=voice["id"])
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("voice_id: must be the id of a voice saved in this account")
    for voice_id in (voice["id"], "nonsense"):
        gone = await client.delete(f"/v1/voices/{voice_id}", headers=other.headers)
        assert (gone.status_code, gone.json()["detail"]) == (404, "Voice not found")
    assert await names(client, customer) == ["Narrator"]
