"""Slow, endless and forwarded requests."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from hub.api import server
from hub.api.app import create_app
from hub.api.middleware.body import BoundedBody
from hub.api.middleware.forwarded import Forwarded
from hub.api.problems import RequestTimeout, problem_response
from hub.hub import Hub
from tests.hub.api.conftest import Customer
from tests.hub.api.serving import serving


async def connect(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = address.removeprefix("http://").split(":")
    return await asyncio.open_connection(host, int(port))


async def closed_within(reader: asyncio.StreamReader, seconds: float) -> bytes:
    async with asyncio.timeout(seconds):
        return await reader.read()


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n"])
async def test_a_head_that_never_ends_is_given_up(
    app: Starlette, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(server, "_HEAD_SECONDS", 0.3)
    async with serving(app) as address:
        reader, writer = await connect(address)
        writer.write(begun)
        assert await closed_within(reader, 3) == b""
        writer.close()


async def test_a_drip_of_headers_does_not_help(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_HEAD_SECONDS", 0.5)
    async with serving(app) as address:
        reader, writer = await connect(address)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b'"ok"}')
        writer.write(b"GET / HTTP/1.1\r\n")
        ended = asyncio.create_task(reader.read())
        for _ in range(30):
            if ended.done():
                break
            writer.write(b"X-Drip: 1\r\n")
            await asyncio.sleep(0.1)
        assert ended.done()
        writer.close()


async def pour(writer: asyncio.StreamWriter) -> None:
    for _ in range(2000):
        writer.write(b"X-Padding: " + b"x" * 10_000 + b"\r\n")
        await writer.drain()
        await asyncio.sleep(0)


async def test_a_head_without_bounds_is_cut(app: Starlette) -> None:
    async with serving(app) as address:
        _, writer = await connect(address)
        writer.write(b"GET / HTTP/1.1\r\n")
        with pytest.raises(ConnectionError):
            await pour(writer)
        writer.close()


async def test_a_large_body_behind_a_short_head_is_fine(app: Starlette, customer: Customer) -> None:
    async with serving(app) as address, httpx.AsyncClient(base_url=address) as client:
        answer = await client.post(
            "/v1/tts/generate", json={"text": "Hi.", "junk": "x" * 900_000}, headers=customer.headers
        )
    assert answer.status_code == 202


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    try:
        await request.body()
        answer = JSONResponse({"ok": True})
    except RequestTimeout as error:
        answer = problem_response(request, error)
    await answer(scope, receive, send)


async def test_a_body_that_never_comes_is_answered_with_408() -> None:
    bounded = BoundedBody(echo, max_bytes=1000, idle_seconds=0.2)
    app = Starlette()
    app.mount("/", bounded)
    async with serving(app) as address:
        reader, writer = await connect(address)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 3)
        assert b" 408 " in head
        assert b"connection: close" in head.lower()
        writer.close()


async def test_a_body_by_drops_ends_at_the_deadline() -> None:
    app = Starlette()
    app.mount("/", BoundedBody(echo, max_bytes=1000, idle_seconds=5, whole_seconds=0.4))
    async with serving(app) as address:
        reader, writer = await connect(address)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
        head = asyncio.create_task(reader.readuntil(b"\r\n\r\n"))
        for _ in range(30):
            if head.done():
                break
            writer.write(b"1")
            await asyncio.sleep(0.05)
        assert b" 408 " in await head
        writer.close()


async def shown(trusted: str, peer: str, headers: dict[str, str]) -> dict[str, str]:
    async def show(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        client = request.client.host if request.client else ""
        await JSONResponse({"url": str(request.url), "client": client})(scope, receive, send)

    transport = httpx.ASGITransport(Forwarded(show, trusted=trusted), client=(peer, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as client:
        seen: dict[str, str] = (await client.get("/x", headers=headers)).json()
        return seen


FORWARDED = {
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "voice.example.com",
    "X-Forwarded-For": "6.6.6.6, 203.0.113.9, 10.0.0.7",
}


@pytest.mark.parametrize("trusted", ["10.0.0.0/8", "127.0.0.1, 10.0.0.1, 10.0.0.7", "*"])
async def test_a_trusted_proxy_is_believed(trusted: str) -> None:
    seen = await shown(trusted, "10.0.0.1", FORWARDED)
    assert seen["url"] == "https://voice.example.com/x"
    assert seen["client"] == ("6.6.6.6" if trusted == "*" else "203.0.113.9")


@pytest.mark.parametrize("trusted", ["", "10.0.0.2", "fd00::/8"])
async def test_nobody_else_is(trusted: str) -> None:
    seen = await shown(trusted, "10.0.0.1", FORWARDED)
    assert seen == {"url": "http://hub.test/x", "client": "10.0.0.1"}


@pytest.mark.parametrize("host", ['x"><b>', "a b", "evil.com/path", "x" * 300, ""])
async def test_a_forwarded_host_must_be_one(host: str) -> None:
    seen = await shown("*", "10.0.0.1", {"X-Forwarded-Host": host, "X-Forwarded-Proto": "javascript"})
    assert seen["url"] == "http://hub.test/x"


async def test_links_follow_a_trusted_proxy(hub: Hub, customer: Customer) -> None:
    settings = hub.settings.model_copy(update={"trusted_proxies": "127.0.0.1"})
    app = create_app(replace(hub, settings=settings))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub.test") as client:
        answer = await client.post(
            "/v1/tts/generate", data={"text": "Hi."}, headers={**customer.headers, **FORWARDED}
        )
    await app.state.rates.close()
    assert answer.json()["status_url"].startswith("https://voice.example.com/v1/tts/status/")
