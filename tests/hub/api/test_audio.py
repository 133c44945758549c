"""Signed links: whole, in parts, conditional, from other origins; dead when forged, late or deleted."""

from __future__ import annotations

import asyncio
import http.client
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from engine.values import AudioFormat
from hub.hub import Hub
from tests.hub.api.conftest import Customer, finished, ordered, status_of
from tests.hub.api.serving import serving
from tests.hub.conftest import Clock
from tests.hub.jobs.orders import speech


async def made(
    hub: Hub, client: httpx.AsyncClient, customer: Customer, form: str = "wav"
) -> tuple[str, bytes]:
    """A live link and the bytes behind it."""
    generation_id = await ordered(client, customer, format=form)
    audio = (await finished(hub, generation_id)).audio
    return (await status_of(client, customer, generation_id))["output_url"], audio


async def test_the_whole_file(client: httpx.AsyncClient, customer: Customer, hub: Hub) -> None:
    link, audio = await made(hub, client, customer)
    answer = await client.get(link)
    assert answer.status_code == 200
    assert answer.content == audio
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["content-length"] == str(len(audio))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"].startswith("private")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["content-disposition"].startswith("inline")


@pytest.mark.parametrize("form", list(AudioFormat))
async def test_each_format_has_its_media_type(
    client: httpx.AsyncClient, customer: Customer, hub: Hub, form: AudioFormat
) -> None:
    link, _ = await made(hub, client, customer, form)
    answer = await client.get(link)
    assert answer.headers["content-type"] == form.media_type
    assert urlsplit(link).path.endswith(f".{form}")


async def test_a_file_larger_than_a_chunk_arrives_whole(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    generation_id = await ordered(client, customer)
    audio = (await finished(hub, generation_id, speech(30.0))).audio
    link = (await status_of(client, customer, generation_id))["output_url"]
    assert len(audio) > 1_000_000
    assert (await client.get(link)).content == audio
    part = await client.get(link, headers={"Range": "bytes=100000-900000"})
    assert part.content == audio[100_000:900_001]


PARTS = [
    ("bytes=0-0", 0, 1),
    ("bytes=0-", 0, None),
    ("bytes=10-19", 10, 20),
    ("bytes=-5", -5, None),
    ("bytes=-99999999", 0, None),
    ("bytes=5-99999999", 5, None),
    ("Bytes = 3-4 ", 3, 5),
]


@pytest.mark.parametrize(("asked", "start", "stop"), PARTS)
async def test_parts(
    client: httpx.AsyncClient, customer: Customer, hub: Hub, asked: str, start: int, stop: int | None
) -> None:
    link, audio = await made(hub, client, customer)
    answer = await client.get(link, headers={"Range": asked})
    expected = audio[start:stop]
    first = len(audio) - len(expected) if stop is None else start
    assert answer.status_code == 206
    assert answer.content == expected
    assert answer.headers["content-range"] == f"bytes {first}-{first + len(expected) - 1}/{len(audio)}"
    assert answer.headers["content-length"] == str(len(expected))


@pytest.mark.parametrize(
    "asked", ["bytes=99999999-", "bytes=5-2", "bytes=-0", "bytes=abc", "bytes=", "bytes=--1"]
)
async def test_parts_that_cannot_be(
    client: httpx.AsyncClient, customer: Customer, hub: Hub, asked: str
) -> None:
    link, audio = await made(hub, client, customer)
    answer = await client.get(link, headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(audio)}"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("asked", ["items=0-1", "bytes=0-1,5-6", "bytes=0-0," * 500])
async def test_ranges_that_are_answered_with_the_whole(
    client: httpx.AsyncClient, customer: Customer, hub: Hub, asked: str
) -> None:
    link, audio = await made(hub, client, customer)
    answer = await client.get(link, headers={"Range": asked})
    assert (answer.status_code, len(answer.content)) == (200, len(audio))


async def test_head_says_the_same_without_the_bytes(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    link, audio = await made(hub, client, customer)
    answer = await client.head(link)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(audio))
    part = await client.head(link, headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.headers["content-length"]) == (206, "10")


async def test_a_file_the_client_has_is_not_sent_again(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    link, audio = await made(hub, client, customer)
    etag = (await client.get(link)).headers["etag"]
    for known in (etag, f'"other", W/{etag}', "*"):
        answer = await client.get(link, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert (await client.get(link, headers={"If-None-Match": '"other"'})).content == audio


async def test_a_part_of_another_file_is_not_sent(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    link, audio = await made(hub, client, customer)
    etag = (await client.get(link)).headers["etag"]
    right = await client.get(link, headers={"Range": "bytes=0-1", "If-Range": etag})
    wrong = await client.get(link, headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    dated = await client.get(
        link, headers={"Range": "bytes=0-1", "If-Range": "Sun, 03 May 2026 12:00:00 GMT"}
    )
    assert (right.status_code, wrong.status_code, dated.status_code) == (206, 200, 200)
    assert wrong.content == audio


async def test_the_link_may_ask_for_a_download(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    link, _ = await made(hub, client, customer)
    answer = await client.get(f"{link}&download=1")
    name = urlsplit(link).path.rpartition("/")[2]
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'


async def test_captions_of_the_words(client: httpx.AsyncClient, customer: Customer, hub: Hub) -> None:
    generation_id = await ordered(client, customer)
    await finished(hub, generation_id)
    captions = (await status_of(client, customer, generation_id))["captions"]
    srt = await client.get(captions["srt_url"])
    assert srt.text == "1\n00:00:00,000 --> 00:00:00,500\nGood morning.\n\n"
    assert srt.headers["content-type"].startswith("application/x-subrip")
    vtt = await client.get(captions["vtt_url"])
    assert vtt.text == "WEBVTT\n\n00:00:00.000 --> 00:00:00.500\nGood morning.\n\n"
    part = await client.get(captions["vtt_url"], headers={"Range": "bytes=0-5"})
    assert (part.status_code, part.text) == (206, "WEBVTT")


async def test_a_link_lives_its_time(
    client: httpx.AsyncClient, customer: Customer, hub: Hub, clock: Clock
) -> None:
    link, _ = await made(hub, client, customer)
    clock.advance(3599)
    assert (await client.get(link)).status_code == 200
    clock.advance(2)
    late = await client.get(link)
    assert late.status_code == 410
    assert late.headers["access-control-allow-origin"] == "*"
    assert (await client.head(link)).status_code == 410


async def test_a_changed_link_is_dead(client: httpx.AsyncClient, customer: Customer, hub: Hub) -> None:
    link, _ = await made(hub, client, customer)
    other, _ = await made(hub, client, customer)
    query = parse_qs(urlsplit(link).query)
    expires, signature = query["expires"][0], query["signature"][0]
    path = urlsplit(link).path
    for changed in [
        link.replace(f"expires={expires}", f"expires={int(expires) + 1}"),
        link.replace(f"expires={expires}", "expires=%2B99999999999"),
        link.replace(f"expires={expires}", f"expires=0{expires}1"),
        link.replace(signature, signature[:-1]),
        link.replace(signature, signature.upper()),
        link.replace(signature, "%C3%A9"),
        link.replace(".wav", ".mp3"),
        link.replace(".wav", ".exe"),
        link.replace(path, urlsplit(other).path),
        path,
        f"{path}?expires={expires}",
        f"{path}?signature={signature}",
    ]:
        answer = await client.get(changed)
        assert answer.status_code == 404, changed
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_deleted_generation_is_silent(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    link, _ = await made(hub, client, customer)
    path = urlsplit(link).path.rpartition("/")[2].removesuffix(".wav")
    gone = await client.delete(f"/v1/tts/generations/{path}", headers=customer.headers)
    assert gone.status_code == 204
    for extension in ("wav", "srt", "vtt"):
        assert (await client.get(link.replace(".wav", f".{extension}"))).status_code == 404


async def test_pages_of_other_origins_may_ask_for_parts(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    link, _ = await made(hub, client, customer)
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Headers": "range"}
    answer = await client.options(link, headers=asked)
    assert answer.status_code == 204
    assert "Range" in answer.headers["access-control-allow-headers"]
    other = await client.get("/v1/account", headers={**customer.headers, "Origin": "https://shop.example"})
    assert "access-control-allow-origin" not in other.headers


async def test_parts_and_heads_over_a_real_connection(
    app: Starlette, client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    generation_id = await ordered(client, customer)
    audio = (await finished(hub, generation_id, speech(20.0))).audio
    parts = urlsplit((await status_of(client, customer, generation_id))["output_url"])
    target = f"{parts.path}?{parts.query}"

    def ask(host: str) -> list[tuple[int, str | None, bytes]]:
        connection = http.client.HTTPConnection(host, timeout=10)
        seen = []
        for method, wanted in (("GET", None), ("HEAD", None), ("GET", "bytes=-7"), ("HEAD", "bytes=-7")):
            connection.request(method, target, headers={"Range": wanted} if wanted else {})
            answer = connection.getresponse()
            seen.append((answer.status, answer.getheader("content-length"), answer.read()))
        connection.close()
        return seen

    async with serving(app) as address:
        seen = await asyncio.to_thread(ask, address.removeprefix("http://"))
    size = str(len(audio))
    assert seen == [(200, size, audio), (200, size, b""), (206, "7", audio[-7:]), (206, "7", b"")]
