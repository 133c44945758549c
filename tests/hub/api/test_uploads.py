"""Recordings to clone: what is taken, what is refused, and that a refused client hears why."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import requests
import structlog
from starlette.applications import Starlette
from starlette.requests import Request

from hub.api.multipart import read_multipart
from hub.api.problems import PayloadTooLarge
from hub.hub import Hub
from hub.jobs import find
from tests.hub.api.conftest import Customer
from tests.hub.api.recordings import encoded, voice_like, wav
from tests.hub.api.serving import serving

GENERATE = "/v1/tts/generate"
MEGABYTE = 1024 * 1024
LEFT = 'route="/v1/tts/generate",status="499"} 1.0'
TOO_LARGE = "Reference audio must be under 10 MB"


async def clone(
    client: httpx.AsyncClient, customer: Customer, recording: bytes, **fields: Any
) -> httpx.Response:
    return await client.post(
        GENERATE,
        data={"text": "Good morning.", **fields},
        files={"voice_ref": ("me.wav", recording, "audio/wav")},
        headers=customer.headers,
    )


async def test_a_recording_is_cloned(client: httpx.AsyncClient, customer: Customer, hub: Hub) -> None:
    recording = wav()
    answer = await clone(client, customer, recording, voice_ref_text="What I say.")
    assert answer.status_code == 202, answer.text
    assert (answer.json()["mode"], answer.json()["credits_used"]) == ("clone", 100.0)
    async with hub.database.reading() as session:
        generation = await find(session, customer.account_id, answer.json()["id"])
    assert generation.reference_key is not None
    assert await hub.blobs.get(generation.reference_key) == recording
    assert generation.reference_text == "What I say."


async def test_a_recording_wins_over_a_description(client: httpx.AsyncClient, customer: Customer) -> None:
    answer = await clone(client, customer, wav(), voice_description="an old man")
    assert answer.json()["mode"] == "clone"
    assert any("voice_description was ignored" in warning for warning in answer.json()["warnings"])


async def test_a_transcript_without_a_recording_is_said_to_be_unused(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    answer = await client.post(
        GENERATE, data={"text": "Hello.", "voice_ref_text": "words"}, headers=customer.headers
    )
    assert answer.json()["warnings"] == ["voice_ref_text was ignored because no voice_ref was sent."]


def good() -> Iterator[tuple[str, bytes]]:
    sound = voice_like()
    yield "stereo", wav(np.stack([sound, sound], axis=1))
    yield "24 bit", wav(subtype="PCM_24")
    yield "float", wav(subtype="FLOAT")
    yield "44.1 kHz", wav(voice_like(rate=44_100), 44_100)
    yield "mp3", encoded(voice_like(rate=24_000), 24_000, "MP3")
    yield "flac", encoded(sound, 16_000, "FLAC")
    yield "ogg", encoded(sound, 16_000, "OGG", "VORBIS")


@pytest.mark.parametrize(("name", "recording"), list(good()))
async def test_recordings_that_serve(
    client: httpx.AsyncClient, customer: Customer, name: str, recording: bytes
) -> None:
    answer = await clone(client, customer, recording)
    assert answer.status_code == 202, answer.text


def bad() -> Iterator[tuple[str, bytes, str]]:
    sound = voice_like()
    broken = sound.copy()
    broken[5000] = np.nan
    yield "text named .wav", b"this is not sound at all" * 100, "could not be read as WAV or MP3"
    yield "empty", b"", "could not be read as WAV or MP3"
    yield "a head only", wav()[:44], "must be at least 5 seconds"
    yield "3 seconds", wav(voice_like(3.0)), "must be at least 5 seconds"
    yield "8 kHz", wav(voice_like(rate=8_000), 8_000), "must be at least 16 kHz"
    yield "NaN", wav(broken, subtype="FLOAT"), "could not be read as WAV or MP3"
    yield "cut mp3", encoded(voice_like(rate=24_000), 24_000, "MP3")[:3000], "must be at least 5 seconds"
    yield "silence", wav(np.zeros(96_000, np.float32)), "is silent"


@pytest.mark.parametrize(("name", "recording", "words"), list(bad()))
async def test_recordings_that_do_not_serve(
    client: httpx.AsyncClient, customer: Customer, name: str, recording: bytes, words: str
) -> None:
    answer = await clone(client, customer, recording)
    assert answer.status_code == 400, answer.text
    assert answer.json()["detail"].startswith("Reference audio")
    assert words in answer.json()["detail"]


@pytest.mark.parametrize("size", [10 * MEGABYTE, 10 * MEGABYTE + 1, 11 * MEGABYTE + 1, 30 * MEGABYTE])
async def test_ten_megabytes_are_too_many(client: httpx.AsyncClient, customer: Customer, size: int) -> None:
    answer = await clone(client, customer, b"\0" * size)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(TOO_LARGE)
    assert answer.json()["code"] == "reference_too_large"


async def test_text_sent_as_a_file_is_refused_by_name(client: httpx.AsyncClient, customer: Customer) -> None:
    answer = await client.post(
        GENERATE, data={"text": "Hi."}, files={"language": ("a.txt", b"en")}, headers=customer.headers
    )
    assert answer.status_code == 422
    assert answer.json()["field"] == "language"


async def test_a_recording_is_refused_before_all_of_it_came() -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="voice_ref"; filename="a.wav"\r\n\r\n'
    sent = 0

    async def receive() -> dict[str, object]:
        nonlocal sent
        sent += 1
        assert sent <= 11, "it is read on"
        return {"type": "http.request", "body": head if sent == 1 else bytes(MEGABYTE), "more_body": True}

    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    with pytest.raises(PayloadTooLarge):
        async with read_multipart(request, max_parts=9):
            pass


async def test_an_unknown_file_is_ignored_with_a_warning(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    answer = await client.post(
        GENERATE, data={"text": "Hi."}, files={"cover": ("a.png", b"x")}, headers=customer.headers
    )
    assert answer.status_code == 202
    assert answer.json()["warnings"] == ["The field cover is not known and was ignored."]


@pytest.fixture
async def address(app: Starlette) -> AsyncIterator[str]:
    async with serving(app) as url:
        yield url


@pytest.fixture
def huge_file(tmp_path: Path) -> Path:
    """100 MB that take no room on the disk."""
    path = tmp_path / "huge.wav"
    with path.open("wb") as file:
        file.truncate(100 * MEGABYTE)
    return path


async def test_requests_hears_why_100_megabytes_are_refused(
    address: str, customer: Customer, huge_file: Path
) -> None:
    def send() -> requests.Response:
        with huge_file.open("rb") as file:
            return requests.post(
                f"{address}{GENERATE}",
                data={"text": "Hello."},
                files={"voice_ref": file},
                headers=customer.headers,
                timeout=60,
            )

    answer = await asyncio.to_thread(send)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(TOO_LARGE)


@pytest.mark.parametrize("more", [[], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect:"]])
async def test_curl_is_cut_off_early(
    address: str, customer: Customer, huge_file: Path, more: list[str]
) -> None:
    command = ["curl", "-s", f"{address}{GENERATE}", "-F", "text=Hello.", "-F", f"voice_ref=@{huge_file}"]
    command += ["-H", f"Authorization: Bearer {customer.key}", "-w", "\n%{http_code} %{size_upload}", *more]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60)
    body, _, figures = done.stdout.rpartition("\n")
    status, sent = figures.split()
    assert status == "400", done
    assert TOO_LARGE in body
    assert int(sent) < 60 * MEGABYTE


async def test_a_stranger_with_100_megabytes_hears_401(address: str, huge_file: Path) -> None:
    def send() -> requests.Response:
        with huge_file.open("rb") as file:
            return requests.post(f"{address}{GENERATE}", files={"voice_ref": file}, timeout=60)

    answer = await asyncio.to_thread(send)
    assert answer.status_code == 401


async def test_a_client_that_hangs_up_in_the_middle_harms_nobody(address: str, customer: Customer) -> None:
    host, port = address.removeprefix("http://").split(":")
    head = (
        f"POST {GENERATE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {customer.key}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n--x\r\n"
    )
    with structlog.testing.capture_logs() as logged:
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(head.encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        async with httpx.AsyncClient(base_url=address) as client:
            answer = await client.get("/v1/account", headers=customer.headers)
            async with asyncio.timeout(10):
                while LEFT not in (await client.get("/metrics")).text:
                    await asyncio.sleep(0.05)
    assert answer.json()["held"] == 0
    assert [entry for entry in logged if entry["log_level"] == "error"] == []


async def test_the_connection_stays_open_after_a_small_refusal(address: str, customer: Customer) -> None:
    with requests.Session() as session:
        for _ in range(3):
            answer = await asyncio.to_thread(
                session.post, f"{address}{GENERATE}", data={"text": ""}, headers=customer.headers, timeout=10
            )
            assert answer.status_code == 400
            assert "connection" not in answer.headers
