"""How fast one web process takes webhooks in while no worker runs, next to a route that only answers 200.

Afterwards the workers start, and speak all of them. With `SAYHOOK_TEST_BURST` so many are sent, and the real
engine speaks them.
"""

from __future__ import annotations

import os

import httpx
import pytest
from sqlalchemy import func, select

from connectors.discovery import discover
from hub import rotation
from hub.connections.records import seal_credentials
from hub.store.connection_tables import ConnectionRecord, InboundEvent
from hub.store.tables import Generation
from tests.hub.connections.platform_load import SECRET, Load, send
from tests.hub.connections.processes import Parts, answers, parts, port, running
from tests.hub.running import RunningHub, eventually

__all__ = ["parts", "port", "running"]
pytestmark = pytest.mark.alone

BURST = int(os.environ.get("SAYHOOK_TEST_BURST", "80"))
SPEAKER = "voice" if "SAYHOOK_TEST_BURST" in os.environ else "speak"
RATE = 400
"""Webhooks a second that a platform offers, and that a second of one core must be enough for."""

TRIES = 5
MOST_MILLISECONDS = 50
CONNECTION = "1f7be2a0-6d1c-4d35-9a3e-2b0f5a9c1d44"
PATH = f"/hooks/woocommerce/{CONNECTION}"


async def test_four_hundred_webhooks_a_second_are_on_disk_and_spoken_when_workers_come(
    running: RunningHub, parts: Parts
) -> None:
    parts.start("web")
    parts.start("plain")
    await _connection(running, parts.url("plain"))
    async with httpx.AsyncClient() as client:
        for url in (parts.url("web"), parts.url("plain")):
            await eventually(lambda url=url: answers(client, url))  # type: ignore[misc]  # bound at once
    await send(parts.url("web"), PATH, range(20))
    used = parts.cpu_seconds("web")
    burst = await send(parts.url("web"), PATH, range(20, 20 + BURST))
    used = parts.cpu_seconds("web") - used
    plain = await send(parts.url("plain"), "/plain", range(BURST))
    offered, sent = await _offered(parts.url("web"), 20 + BURST)
    print(
        f"as fast as answered: {burst} ({used / BURST * 1000:.2f} ms of processor time each); "
        f"a bare route: {plain}; ratio {plain.rate / burst.rate:.1f}. At {RATE}/s: {offered}"
    )
    assert await _events(running, "waiting") == sent
    assert BURST / used >= RATE
    assert offered.answered(0.99) < MOST_MILLISECONDS

    parts.start(SPEAKER)
    parts.start("deliver")

    async def all_spoken() -> bool:
        async with running.hub.database.reading() as session:
            done = select(func.count()).where(Generation.status == "completed")
            return (await session.scalar(done) or 0) >= sent

    took = await eventually(all_spoken, 60 + sent)
    print(f"{sent} spoken {took:.0f} s after the workers were started")
    assert await _events(running, "spoken") == sent


async def _offered(url: str, first: int) -> tuple[Load, int]:
    """A burst at the rate, again where the machine was busy with something else; and the next number."""
    while True:
        numbers = range(first, first + BURST)
        load = await send(url, PATH, numbers, at_once=64, per_second=RATE)
        first = numbers.stop
        if load.answered(0.99) < MOST_MILLISECONDS or first > TRIES * BURST:
            return load, first


async def _events(running: RunningHub, verdict: str) -> int:
    async with running.hub.database.reading() as session:
        kept = select(func.count()).where(InboundEvent.verdict == verdict)
        return await session.scalar(kept) or 0


async def _connection(running: RunningHub, address: str) -> None:
    account, hub = await running.account(credits=10_000_000), running.hub
    # Vietnamese is spoken by espeak-ng, which takes milliseconds.
    options = {"text": "{{ name }}", "language": "vi"}
    record = ConnectionRecord(
        id=CONNECTION,
        account_id=account,
        connector="woocommerce",
        name="Shop",
        address=address,
        credentials=seal_credentials(hub.secrets, {"consumer_key": "ck_1", "consumer_secret": "cs_1"}),
        hook_secrets=rotation.sealed(hub.secrets, SECRET),
        options=discover()["woocommerce"].options(options),
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
