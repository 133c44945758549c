"""What is killed with kill -9 comes back, and each event and each thing found is spoken and put back once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from random import Random
from typing import Any
from urllib.parse import parse_qs

import httpx
from sqlalchemy import func, select, update

from connectors.woocommerce.simulator import Simulator
from hub.accounts import create_key
from hub.store.connection_tables import InboundEvent, Push
from hub.store.tables import Generation
from tests.hub.api.serving import serving
from tests.hub.connections.processes import Parts, answers, parts, port, running
from tests.hub.running import RunningHub, eventually
from tests.valkey import Valkey

__all__ = ["parts", "port", "running"]

PRODUCTS = 9
OLD, OLD_SPOKEN = 110, 10


class Trade:
    """A simulated shop whose posts try again until they are answered, and what is done to its visitors."""

    def __init__(self, running: RunningHub, parts: Parts, valkey: Valkey) -> None:
        self.running, self.parts, self.valkey = running, parts, valkey
        self.simulator: Any = None
        self.listed: list[str] = []
        self.struck: set[str] = set()
        self.is_filling = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        query = parse_qs(scope.get("query_string", b"").decode())
        if self.is_filling and query.get("per_page") == ["50"]:
            await self._strike(query["page"][0])
        await self.simulator.app(scope, receive, send)

    async def _strike(self, page: str) -> None:
        """Whoever looks through the shop dies waiting for its second page, and again for its third.

        The first to ask for them is the web process, for the price.
        """
        self.listed.append(page)
        if page in ("2", "3") and self.listed.count(page) == 2:
            self.struck.add(page)
            await self.kill_deliverer()

    async def kill_deliverer(self) -> None:
        """What it held is free at once, as it is after minutes in life."""
        self.parts.kill("deliver")
        self.valkey.flush()
        async with self.running.hub.database.transaction() as session:
            await session.execute(update(Push).values(leased_until=None))
        self.parts.start("deliver")

    async def post(self, to: str, headers: Mapping[str, str], body: bytes) -> int:
        while True:
            try:
                async with httpx.AsyncClient(timeout=5) as client:
                    return (await client.post(to, headers=dict(headers), content=body)).status_code
            except httpx.TransportError:
                await asyncio.sleep(0.1)


async def test_events_and_things_found_are_spoken_once_whatever_dies(
    running: RunningHub, parts: Parts, port: int, shared_valkey: Valkey
) -> None:
    names = Random(7).sample(["web", "speak", "deliver"], 3)
    for name in ("web", "speak", "deliver"):
        parts.start(name)
    account = await running.account()
    async with running.hub.database.transaction() as session:
        key = await create_key(session, account_id=account, name="test", now=running.hub.now())
    trade = Trade(running, parts, shared_valkey)
    async with AsyncExitStack() as stack:
        headers = {"Authorization": f"Bearer {key.secret}"}
        address = f"http://127.0.0.1:{port}"
        client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=address, timeout=30, headers=headers)
        )
        home = await stack.enter_async_context(serving(trade))  # type: ignore[arg-type]  # any ASGI application
        trade.simulator = Simulator(home, post=trade.post)
        for number in range(OLD):
            kind = "simple" if number % (OLD // OLD_SPOKEN) == 0 else "variation"
            trade.simulator.shop.create({"name": f"say 0.0 old {number}", "type": kind})
        await eventually(lambda: answers(client, address))
        form = {"connector": "woocommerce", "address": home, "credentials": trade.simulator.credentials}
        form["options"] = {"text": "{{ name }}", "format": "wav"}
        made = await client.post("/v1/connections", json=form)
        assert made.status_code == 201, made.text

        for number in range(PRODUCTS):
            trade.simulator.shop.create({"name": f"say 0.0 {number}"})
            sending = asyncio.create_task(trade.simulator.shop.send_waiting())
            if number % 3 == 2:
                name = names.pop()
                parts.kill(name)
                shared_valkey.flush()
                parts.start(name)
            await sending
        await eventually(partial(_pushed, running, trade, PRODUCTS), 60)
        await eventually(lambda: answers(client, address))
        await _fill(client, trade, f"/v1/connections/{made.json()['id']}/backfill")
        await eventually(partial(_pushed, running, trade, PRODUCTS + 2), 60)
        await trade.kill_deliverer()
        await eventually(partial(_pushed, running, trade, PRODUCTS + OLD_SPOKEN), 60)
    assert trade.struck == {"2", "3"}
    assert trade.listed.count("1") == 2, "it went on where it was stopped"
    for product in trade.simulator.shop.products.values():
        assert bool(product["meta_data"]) is (product["type"] == "simple")
    old = [f"say 0.0 old {number}" for number in range(0, OLD, OLD // OLD_SPOKEN)]
    new = [f"say 0.0 {number}" for number in range(PRODUCTS)]
    async with running.hub.database.reading() as session:
        texts = (await session.scalars(select(Generation.text))).all()
        spoken = await session.scalar(select(func.count()).where(InboundEvent.verdict == "spoken"))
    assert sorted(texts) == sorted(new + old)
    assert spoken == PRODUCTS + OLD_SPOKEN
    credits, held = await running.balance(account)
    assert (credits, held) == (100_500 - 50 * (PRODUCTS + OLD_SPOKEN), 0)


async def _fill(client: httpx.AsyncClient, trade: Trade, path: str) -> None:
    price = (await client.get(path)).json()
    assert (price["to_speak"], price["unchanged"]) == (OLD_SPOKEN, PRODUCTS)
    trade.is_filling = True
    begun = await client.post(path, json={"credits": price["credits"]})
    assert begun.status_code == 202, begun.text


async def _pushed(running: RunningHub, trade: Trade, count: int) -> bool:
    await trade.simulator.shop.send_waiting()
    async with running.hub.database.reading() as session:
        pushed = select(func.count()).where(Push.status == "pushed")
        return (await session.scalar(pushed) or 0) >= count
