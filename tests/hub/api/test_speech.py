"""Audio sent while it is being made, through OpenAI's own client and through a job's stream."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import av
import httpx
import numpy as np
import openai
import pytest
import pytest_asyncio
from starlette.applications import Starlette

from engine.values import Mode
from hub.hub import Hub
from hub.jobs import Status, cancel, erase
from hub.queue import RedisQueue
from hub.store.tables import Account, Generation
from tests.hub.api.conftest import Customer, new_customer, status_of
from tests.hub.api.narration import SECONDS, Narrator, narrating, pcm
from tests.hub.api.recordings import wav
from tests.hub.api.serving import serving
from tests.hub.conftest import Clock

TEXT = "Noise is all there is to hear."
LONG = "This sentence is as long as any other one in here. " * 12


@pytest_asyncio.fixture
async def narrator(hub: Hub) -> AsyncIterator[Narrator]:
    async with narrating(hub) as narrator:
        yield narrator


@pytest_asyncio.fixture
async def address(app: Starlette, narrator: Narrator) -> AsyncIterator[str]:
    async with serving(app) as address:
        yield address


@pytest_asyncio.fixture
async def ai(address: str, customer: Customer) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(api_key=customer.key, base_url=f"{address}/v1", max_retries=0) as client:
        yield client


async def row(hub: Hub, generation_id: str) -> Generation:
    async with hub.database.reading() as session:
        found = await session.get(Generation, generation_id)
        assert found is not None
        return found


async def balance(hub: Hub, customer: Customer) -> tuple[int, int]:
    async with hub.database.reading() as session:
        account = await session.get(Account, customer.account_id)
        assert account is not None
        return account.credits, account.held


async def said(ai: openai.AsyncOpenAI, **fields: Any) -> bytes:
    fields = {"model": "tts-1", "voice": "alloy", "input": TEXT, "response_format": "pcm", **fields}
    return (await ai.audio.speech.create(**fields)).content


async def test_the_first_audio_leaves_before_the_last_is_made(
    ai: openai.AsyncOpenAI, hub: Hub, customer: Customer, narrator: Narrator
) -> None:
    narrator.gate.clear()
    asked = ai.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts",
        voice="nova",
        input=TEXT,
        instructions="cheerful",
        response_format="pcm",
        speed=1.5,
    )
    async with asked as answer:
        chunks = answer.iter_bytes()
        heard = bytearray(await anext(chunks))
        generation = await row(hub, answer.headers["generation-id"])
        assert generation.status == Status.PROCESSING
        assert answer.headers["content-type"].startswith("audio/pcm")
        narrator.gate.set()
        async for chunk in chunks:
            heard += chunk
    assert bytes(heard) == pcm(TEXT)
    (request,) = narrator.requests
    assert (request.description, request.instructions, request.speed) == ("af_nova", "cheerful", 1.5)
    assert await balance(hub, customer) == (450, 0)
    assert (await row(hub, generation.id)).source == "speech"
    await erase(hub, customer.account_id, generation.id)
    assert (await row(hub, generation.id)).instructions is None


async def test_a_request_without_a_voice_takes_the_account_s_own(
    address: str, hub: Hub, customer: Customer, narrator: Narrator
) -> None:
    async with httpx.AsyncClient(base_url=address, headers=customer.headers) as client:
        asked = {"model": "tts-1", "input": TEXT}
        refused = await client.post("/v1/audio/speech", json=asked)
        assert (refused.status_code, "default voice" in refused.json()["detail"]) == (422, True)
        voice = {"name": "Narrator", "voice_description": "an old man", "seed": 7}
        own = (await client.post("/v1/voices", json=voice)).json()["id"]
        async with hub.database.transaction() as session:
            account = await session.get_one(Account, customer.account_id)
            account.default_voice_id, account.default_format = own, "flac"
        spoken = await client.post("/v1/audio/speech", json=asked)
        assert spoken.headers["content-type"] == "audio/flac"
        named = await client.post(
            "/v1/audio/speech", json={**asked, "voice": "nova", "response_format": "wav"}
        )
        assert named.headers["content-type"] == "audio/wav"
    told = [(request.description, request.seed) for request in narrator.requests]
    assert told == [("an old man", 7), ("af_nova", None)]


@pytest.mark.parametrize("form", ["mp3", "opus", "flac", "wav"])
async def test_every_form_plays(ai: openai.AsyncOpenAI, form: str) -> None:
    content = await said(ai, response_format=form)
    heard = decoded(content)
    assert len(heard) / 24_000 == pytest.approx(2 * SECONDS, abs=0.12)
    assert np.abs(heard).max() > 0.1


def decoded(content: bytes) -> np.ndarray:
    """Samples, at 24 kHz, of a file whose head does not know its length."""
    with av.open(io.BytesIO(content), "r") as file:
        resampler = av.AudioResampler("flt", "mono", 24_000)
        frames = [made for frame in file.decode(audio=0) for made in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray().ravel() for frame in frames])


async def test_what_was_lost_on_its_way_is_read_from_what_was_stored(
    ai: openai.AsyncOpenAI, narrator: Narrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = RedisQueue.broadcast
    tries = 0
    narrator.gate.clear()

    async def forgetful(queue: RedisQueue, job_id: str, stretches: list[tuple[int, bytes]]) -> bool:
        nonlocal tries
        tries += 1
        narrator.gate.set()
        return True if tries == 1 else await sent(queue, job_id, stretches)

    monkeypatch.setattr(RedisQueue, "broadcast", forgetful)
    assert await said(ai) == pcm(TEXT)
    assert tries > 1


async def test_a_long_input_is_parts_in_one_stream(
    ai: openai.AsyncOpenAI, hub: Hub, customer: Customer, narrator: Narrator, address: str
) -> None:
    async with hub.database.transaction() as session:
        account = await session.get(Account, customer.account_id)
        assert account is not None
        account.credits += 1000
    async with ai.audio.speech.with_streaming_response.create(
        model="tts-1", voice="alloy", input=LONG, response_format="pcm"
    ) as answer:
        live = await answer.read()
    assert len(narrator.requests) == 2
    generation = await row(hub, answer.headers["generation-id"])
    assert generation.price == 100
    again = await stream(address, generation.id, customer, format="pcm")
    assert len(live) == len(again.content)
    one, other = (np.frombuffer(heard, "<i2").astype(float) for heard in (live, again.content))
    assert np.corrcoef(one, other)[0, 1] > 0.98
    assert generation.duration_seconds == pytest.approx(len(one) / 24_000, abs=0.01)


async def stream(address: str, generation_id: str, customer: Customer | None, **query: str) -> httpx.Response:
    headers = customer.headers if customer else {}
    async with httpx.AsyncClient() as client:
        return await client.get(
            f"{address}/v1/tts/stream/{generation_id}", params=query, headers=headers, timeout=20
        )


async def test_a_failure_before_the_first_audio_is_a_problem_and_free(
    ai: openai.AsyncOpenAI, hub: Hub, customer: Customer
) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match="nothing to speak"):
        await said(ai, input="Only silence.")
    assert await balance(hub, customer) == (500, 0)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"response_format": "aac"}, "response_format: aac is not made here"),
        ({"response_format": "ogg"}, "response_format: must be one of mp3, opus, flac, wav, pcm"),
        ({"speed": 9.0}, "speed: must be a number from 0.25 to 4.0"),
        ({"voice": {"id": "nobody"}}, "voice: must be the id or the name of a voice saved"),
        ({"voice": " "}, "voice: must be"),
        ({"stream_format": "none"}, "stream_format: must be one of audio, sse"),
    ],
)
async def test_what_cannot_be_served_is_refused(
    ai: openai.AsyncOpenAI, narrator: Narrator, fields: dict[str, Any], told: str
) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match=told):
        await said(ai, **fields)
    with pytest.raises(openai.BadRequestError, match="at most 4096 characters"):
        await said(ai, input="a " * 2100)
    assert not narrator.requests


async def test_saved_voices_are_named_and_others_stay_closed(
    ai: openai.AsyncOpenAI, hub: Hub, client: httpx.AsyncClient, customer: Customer, narrator: Narrator
) -> None:
    for fields, files in (
        ({"name": "Old Tom", "voice_description": "an old man", "seed": "5"}, None),
        ({"name": "Ada", "consent": "I am heard and agree. Ada"}, {"voice_ref": ("ada.wav", wav())}),
    ):
        kept = await client.post("/v1/voices", data=fields, files=files, headers=customer.headers)
        assert kept.status_code == 201, kept.text
    await said(ai, voice="old tom", instructions="whispering")
    await said(ai, voice={"id": kept.json()["id"]})
    await said(ai, voice="a tired robot")
    one, two, three = narrator.requests
    assert (one.description, one.seed, one.instructions) == ("an old man", 5, "whispering")
    assert (two.mode, three.description) == (Mode.CLONE, "a tired robot")
    stranger = await new_customer(hub, "other@example.com")
    async with openai.AsyncOpenAI(api_key=stranger.key, base_url=ai.base_url, max_retries=0) as other:
        with pytest.raises(openai.UnprocessableEntityError):
            await said(other, voice=kept.json()["id"])


async def test_events_carry_the_same_audio(ai: openai.AsyncOpenAI) -> None:
    content = await said(ai, stream_format="sse")
    events = [json.loads(line.removeprefix(b"data: ")) for line in content.split(b"\n\n") if line]
    audio = b"".join(base64.b64decode(event["audio"]) for event in events[:-1])
    assert audio == pcm(TEXT)
    assert events[-1]["type"] == "speech.audio.done"
    assert events[-1]["usage"]["input_tokens"] == len(TEXT)


async def test_a_repeat_with_its_key_is_the_same_audio_and_free(
    ai: openai.AsyncOpenAI, hub: Hub, customer: Customer, narrator: Narrator
) -> None:
    heard = [await said(ai, extra_headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert heard[0] == heard[1] == pcm(TEXT)
    assert len(narrator.requests) == 1
    assert await balance(hub, customer) == (450, 0)


async def test_whoever_leaves_early_pays_and_finds_the_audio(
    ai: openai.AsyncOpenAI, hub: Hub, client: httpx.AsyncClient, customer: Customer, narrator: Narrator
) -> None:
    narrator.gate.clear()
    async with ai.audio.speech.with_streaming_response.create(
        model="tts-1", voice="alloy", input=TEXT, response_format="mp3"
    ) as answer:
        await anext(answer.iter_bytes())
    narrator.gate.set()
    wanted = answer.headers["generation-id"]
    for _ in range(200):
        status = await status_of(client, customer, wanted)
        if status["status"] == "completed":
            break
        await asyncio.sleep(0.05)
    assert status["output_url"]
    assert await balance(hub, customer) == (450, 0)


class TestStreamOfAJob:
    async def test_it_is_heard_by_link_or_key_and_by_nobody_else(
        self, address: str, hub: Hub, customer: Customer, narrator: Narrator, clock: Clock
    ) -> None:
        narrator.gate.clear()
        async with httpx.AsyncClient(base_url=address, headers=customer.headers, timeout=20) as client:
            order = await client.post("/v1/tts/generate", data={"text": TEXT, "format": "mp3"})
            link, wanted = order.json()["stream_url"], order.json()["id"]
            async with client.stream("GET", f"{link}&format=pcm", headers={"Authorization": ""}) as answer:
                assert answer.headers["access-control-allow-origin"] == "*"
                chunks = answer.aiter_bytes()
                heard = await anext(chunks)
                narrator.gate.set()
                async for chunk in chunks:
                    heard += chunk
            assert heard == pcm(TEXT)
        whole = await stream(address, wanted, customer)
        kept = await row(hub, wanted)
        assert kept.audio_key is not None
        assert whole.content == await hub.blobs.get(kept.audio_key)
        assert whole.headers["content-type"] == "audio/mpeg"
        stranger = await new_customer(hub, "other@example.com")
        assert (await stream(address, wanted, stranger)).status_code == 404
        assert (await stream(address, wanted, None)).status_code == 401
        assert (await stream(address, wanted, None, signature="0" * 64, expires="1")).status_code == 404
        clock.advance(7200)
        async with httpx.AsyncClient() as client:
            assert (await client.get(link)).status_code == 410
            assert (
                await client.head(f"{address}/v1/tts/stream/{wanted}", headers=customer.headers)
            ).content == b""

    async def test_a_cancelled_one_is_refused_in_plain_words(
        self, client: httpx.AsyncClient, hub: Hub, customer: Customer
    ) -> None:
        order = await client.post("/v1/tts/generate", data={"text": TEXT}, headers=customer.headers)
        await cancel(hub, customer.account_id, order.json()["id"])
        answer = await client.get(order.json()["stream_url"])
        assert (answer.status_code, answer.json()["detail"]) == (422, "The generation was cancelled.")
