"""Web process and workers are killed with kill -9 while events come: each is spoken and put back once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from random import Random
from typing import Any

import httpx
from sqlalchemy import func, select

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


async def test_events_equal_jobs_equal_pushes_whatever_dies(
    running: RunningHub, parts: Parts, port: int, shared_valkey: Valkey
) -> None:
    names = Random(7).sample(["web", "speak", "deliver"], 3)
    for name in ("web", "speak", "deliver"):
        parts.start(name)
    account = await running.account()
    async with running.hub.database.transaction() as session:
        key = await create_key(session, account_id=account, name="test", now=running.hub.now())
    url = f"http://127.0.0.1:{port}"
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=5))
        simulator: Any = None

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await simulator.app(scope, receive, send)

        async def post(to: str, headers: Mapping[str, str], body: bytes) -> int:
            """As a platform that tries again until it is answered."""
            while True:
                try:
                    return (await client.post(to, headers=dict(headers), content=body)).status_code
                except httpx.TransportError:
                    await asyncio.sleep(0.1)

        home = await stack.enter_async_context(serving(app))  # type: ignore[arg-type]  # any ASGI application
        simulator = Simulator(home, post=post)
        await eventually(lambda: answers(client, url))
        form = {"connector": "woocommerce", "address": home, "credentials": dict(simulator.credentials)}
        form["options"] = {"text": "{{ name }}", "format": "wav"}
        headers = {"Authorization": f"Bearer {key.secret}"}
        made = await client.post(f"{url}/v1/connections", json=form, headers=headers)
        assert made.status_code == 201, made.text

        numbers = []
        for number in range(PRODUCTS):
            numbers.append(simulator.shop.create({"name": f"say 0.0 {number}"})["id"])
            sending = asyncio.create_task(simulator.shop.send_waiting())
            if number % 3 == 2:
                name = names.pop()
                parts.kill(name)
                shared_valkey.flush()
                parts.start(name)
            await sending

        async def all_back() -> bool:
            await simulator.shop.send_waiting()
            async with running.hub.database.reading() as session:
                pushed = select(func.count()).where(Push.status == "pushed")
                return (await session.scalar(pushed) or 0) >= PRODUCTS

        await eventually(all_back, 60)
        products = simulator.shop.products
        assert all(products[number]["meta_data"] for number in numbers)
    async with running.hub.database.reading() as session:
        texts = (await session.scalars(select(Generation.text))).all()
        spoken = await session.scalar(select(func.count()).where(InboundEvent.verdict == "spoken"))
    assert sorted(texts) == sorted(f"say 0.0 {number}" for number in range(PRODUCTS))
    assert spoken == PRODUCTS
    credits, held = await running.balance(account)
    assert (credits, held) == (100_500 - 50 * PRODUCTS, 0)
