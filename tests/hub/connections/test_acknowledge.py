"""How fast one web process takes webhooks in while no worker runs, next to a route that only answers 200.

Afterwards the workers start, and speak all of them. A suite sends few, beside whatever else the machine
does, and so counts processor time and the quietest of a few tries. With `SAYHOOK_TEST_BURST` so many are
sent, three times over; what counts is the median by the clock on the wall, and the real engine speaks them.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from itertools import count
from statistics import median

import httpx
import pytest
from sqlalchemy import func, select

from connectors.discovery import discover
from hub import rotation
from hub.connections.records import seal_credentials
from hub.store.connection_tables import ConnectionRecord, InboundEvent
from hub.store.tables import Generation
from tests.hub.connections.platform_load import SECRET, SHOP, Load, Sender, send, shopify, woocommerce
from tests.hub.connections.processes import Parts, answers, parts, port, running
from tests.hub.running import RunningHub, eventually

__all__ = ["parts", "port", "running"]
pytestmark = pytest.mark.alone

WHOLE = "SAYHOOK_TEST_BURST" in os.environ
BURST = int(os.environ.get("SAYHOOK_TEST_BURST", "80"))
RATE = 400
"""Webhooks a second that a platform offers, and that a second of one core must be enough for."""

TRIES = 3 if WHOLE else 5
MOST_MILLISECONDS = 50
WOOCOMMERCE = "1f7be2a0-6d1c-4d35-9a3e-2b0f5a9c1d44"
SHOPIFY = "7c0d3a52-58b1-4f3e-9a41-6f1f0f2f7d10"
"""Both ways in: a hook of the connection's own, and one that all connections of a platform share."""

SENDERS = {
    "a hook of its own": woocommerce(f"/hooks/woocommerce/{WOOCOMMERCE}"),
    "a shared hook": shopify("/hooks/shopify"),
}


@dataclass
class Gate:
    """The web process under load; `numbers` are those of the deliveries, none twice."""

    parts: Parts
    numbers: count[int]

    async def burst(self, sender: Sender) -> tuple[Load, float]:
        """As fast as they are answered, and the processor's seconds for all of them."""
        requests = [sender(next(self.numbers)) for _ in range(BURST)]
        before = self.parts.cpu_seconds("web")
        load = await send(self.parts.url("web"), requests)
        return load, self.parts.cpu_seconds("web") - before

    async def offered(self, sender: Sender) -> Load:
        requests = [sender(next(self.numbers)) for _ in range(BURST)]
        return await send(self.parts.url("web"), requests, at_once=64, per_second=RATE)

    async def plain(self) -> Load:
        return await send(self.parts.url("plain"), [woocommerce("/plain")(number) for number in range(BURST)])


async def test_four_hundred_webhooks_a_second_are_on_disk_and_spoken_when_workers_come(
    running: RunningHub, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAYHOOK_APPS", json.dumps({"shopify": {"client_id": "1", "client_secret": SECRET}}))
    monkeypatch.setenv("SAYHOOK_STAND_INS", json.dumps({f"https://{SHOP}": parts.url("plain")}))
    parts.start("web")
    parts.start("plain")
    await _connections(running, parts.url("plain"))
    async with httpx.AsyncClient() as client:
        for url in (parts.url("web"), parts.url("plain")):
            # How long they take to start is not what is measured here.
            await eventually(lambda url=url: answers(client, url), 120)  # type: ignore[misc]  # bound at once
    gate = Gate(parts, count())
    for way, sender in SENDERS.items():
        await send(parts.url("web"), [sender(next(gate.numbers)) for _ in range(20)])
        await (_measured_whole if WHOLE else _measured)(way, gate, sender)
    sent = next(gate.numbers)
    assert await _events(running, "waiting") == sent

    # As in life: nothing was forgotten here that a hurried sweeper would have to find.
    for part in ("voice" if WHOLE else "speak", "deliver"):
        parts.start(part, SAYHOOK_SWEEP_INTERVAL="5", SAYHOOK_SPEAK_AT_ONCE="0")

    async def all_spoken() -> bool:
        async with running.hub.database.reading() as session:
            done = select(func.count()).where(Generation.status == "completed")
            return (await session.scalar(done) or 0) >= sent

    took = await eventually(all_spoken, 60 + sent)
    print(f"{sent} spoken {took:.0f} s after the workers were started")
    assert await _events(running, "spoken") == sent


async def _measured(way: str, gate: Gate, sender: Sender) -> None:
    load, used = await gate.burst(sender)
    plain = await gate.plain()
    offered = await gate.offered(sender)
    for _ in range(TRIES - 1):
        if offered.answered(0.99) >= MOST_MILLISECONDS:
            offered = await gate.offered(sender)
    _tell(way, load, used, plain, offered)
    assert BURST / used >= RATE
    assert offered.answered(0.99) < MOST_MILLISECONDS


async def _measured_whole(way: str, gate: Gate, sender: Sender) -> None:
    rates, waits = [], []
    for _ in range(TRIES):
        load, used = await gate.burst(sender)
        plain = await gate.plain()
        offered = await gate.offered(sender)
        _tell(way, load, used, plain, offered)
        rates.append(load.rate)
        waits.append(offered.answered(0.99))
    assert median(rates) >= RATE
    assert median(waits) < MOST_MILLISECONDS


def _tell(way: str, load: Load, used: float, plain: Load, offered: Load) -> None:
    print(
        f"{way}, as fast as answered: {load} ({used / BURST * 1000:.2f} ms of processor time each); "
        f"a bare route: {plain}; ratio {plain.rate / load.rate:.1f}. At {RATE}/s: {offered}. "
        f"The machine's load: {os.getloadavg()[0]:.1f}"
    )


async def _events(running: RunningHub, verdict: str) -> int:
    async with running.hub.database.reading() as session:
        kept = select(func.count()).where(InboundEvent.verdict == verdict)
        return await session.scalar(kept) or 0


async def _connections(running: RunningHub, address: str) -> None:
    account, hub = await running.account(credits=100_000_000), running.hub
    keys = {"consumer_key": "ck_1", "consumer_secret": "cs_1"}
    async with hub.database.transaction() as session:
        for one, connector, place, given, text in (
            (WOOCOMMERCE, "woocommerce", address, keys, "{{ name }}"),
            (SHOPIFY, "shopify", f"https://{SHOP}", {"access_token": "shpat_1"}, "{{ title }}"),
        ):
            session.add(
                ConnectionRecord(
                    id=one,
                    account_id=account,
                    connector=connector,
                    name="Shop",
                    address=place,
                    external_id=SHOP if connector == "shopify" else None,
                    credentials=seal_credentials(hub.secrets, given),
                    hook_secrets=rotation.sealed(hub.secrets, SECRET),
                    # Vietnamese is spoken by espeak-ng, which takes milliseconds.
                    options=discover()[connector].options({"text": text, "language": "vi"}),
                    state={},
                    status="live",
                    spoken=0,
                    ignored=0,
                    failed=0,
                    pushed=0,
                    created_at=hub.now(),
                )
            )
