"""How fast one web process takes webhooks in while no worker runs, next to a route that only answers 200."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from base64 import b64encode
from collections.abc import Mapping

import httpx
from sqlalchemy import func, select

from connectors.discovery import discover
from hub import rotation
from hub.connections.records import seal_credentials
from hub.store.connection_tables import ConnectionRecord, InboundEvent
from tests.hub.connections.processes import Parts, answers, parts, port, running
from tests.hub.running import RunningHub, eventually

__all__ = ["parts", "port", "running"]

HOOKS, AT_ONCE, SECRET = 800, 16, "5eed" * 12
CONNECTION = "1f7be2a0-6d1c-4d35-9a3e-2b0f5a9c1d44"
CPU_A_SECOND = 400
"""Webhooks that one second of one core must be enough for."""


async def test_four_hundred_webhooks_a_second_are_verified_and_on_disk(
    running: RunningHub, parts: Parts
) -> None:
    await _connection(running)
    parts.start("web")
    parts.start("plain")
    async with httpx.AsyncClient() as client:
        for url in (parts.url("web"), parts.url("plain")):
            await eventually(lambda url=url: answers(client, url))  # type: ignore[misc]  # bound at once
    path = f"/hooks/woocommerce/{CONNECTION}"
    await _send(parts.url("web"), path, range(20))
    used = parts.cpu_seconds("web")
    took, waits = await _send(parts.url("web"), path, range(20, 20 + HOOKS))
    used = parts.cpu_seconds("web") - used
    plain, _ = await _send(parts.url("plain"), "/plain", range(HOOKS))
    waits.sort()
    print(
        f"{HOOKS / took:.0f} webhooks/s against {HOOKS / plain:.0f}/s of a bare route ({plain / took:.0%}); "
        f"half answered in {waits[HOOKS // 2] * 1000:.0f} ms, "
        f"99 % in {waits[HOOKS * 99 // 100] * 1000:.0f} ms; "
        f"{used / HOOKS * 1000:.2f} ms of processor time each"
    )
    async with running.hub.database.reading() as session:
        kept = await session.scalar(select(func.count()).where(InboundEvent.verdict == "waiting"))
    assert kept == 20 + HOOKS
    # Processor time, because other tests run beside this one.
    assert HOOKS / used >= CPU_A_SECOND


async def _send(url: str, path: str, numbers: range) -> tuple[float, list[float]]:
    """Seconds for all of them, and for each, over AT_ONCE connections."""
    waits: list[float] = []
    left = iter([_request(path, number) for number in numbers])

    async def sender() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        for request in left:
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            waits.append(time.perf_counter() - began)
            assert head.startswith(b"HTTP/1.1 200 "), head
            assert b"content-length: 0" in head
        writer.close()
        await writer.wait_closed()

    began = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(AT_ONCE)))
    return time.perf_counter() - began, waits


def _request(path: str, number: int) -> bytes:
    headers, body = _delivery(number)
    lines = [f"POST {path} HTTP/1.1", "Host: hub", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _delivery(number: int) -> tuple[Mapping[str, str], bytes]:
    product = {"id": number, "name": "Mug", "status": "publish", "description": "<p>Red.</p>" * 150}
    body = json.dumps(product).encode()
    signature = b64encode(hmac.digest(SECRET.encode(), body, hashlib.sha256)).decode()
    return {"X-WC-Webhook-Signature": signature, "X-WC-Webhook-Topic": "product.updated"}, body


async def _connection(running: RunningHub) -> None:
    account, hub = await running.account(), running.hub
    record = ConnectionRecord(
        id=CONNECTION,
        account_id=account,
        connector="woocommerce",
        name="Shop",
        address="https://shop.example",
        credentials=seal_credentials(hub.secrets, {}),
        hook_secrets=rotation.sealed(hub.secrets, SECRET),
        options=discover()["woocommerce"].options({}),
        state={},
        status="live",
        spoken=0,
        ignored=0,
        failed=0,
        pushed=0,
        created_at=hub.now(),
    )
    async with hub.database.transaction() as session:
        session.add(record)
