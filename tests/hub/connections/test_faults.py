"""Web process and workers are killed with kill -9 while events come: each is spoken and put back once."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import func, select

from connectors.woocommerce.simulator import Simulator
from hub.accounts import create_key
from hub.hub import open_hub
from hub.store.connection_tables import InboundEvent, Push
from hub.store.tables import Generation
from tests.hub.api.serving import serving
from tests.hub.running import ROOT, RunningHub, eventually, quick_settings, start_worker
from tests.valkey import Valkey

PRODUCTS = 9


class Parts:
    """The processes of one hub, each of which can be killed and comes back as under a supervisor."""

    def __init__(self, running: RunningHub, port: int) -> None:
        self._running = running
        self._port = port
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        settings = self._running.hub.settings
        if name != "web":
            self._processes[name] = start_worker(settings, name, self._running.journal)
            return
        given = {
            "SAYHOOK_DATA": str(settings.data),
            "SAYHOOK_REDIS_URL": settings.redis_url,
            "SAYHOOK_ALLOW_PRIVATE_CALLBACKS": "true",
            "PORT": str(self._port),
        }
        command = [sys.executable, "-m", "hub", "web"]
        with (settings.data / "web.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, **given}, stdout=log, stderr=log
            )

    def kill(self, name: str) -> None:
        self._processes[name].kill()
        self._processes[name].wait()

    def stop(self) -> None:
        for name in self._processes:
            self.kill(name)


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        found: int = probe.getsockname()[1]
        return found


@pytest_asyncio.fixture
async def running(tmp_path: Path, redis_url: str, port: int) -> AsyncIterator[RunningHub]:
    settings = quick_settings(tmp_path, redis_url, port=port)
    async with open_hub(settings) as hub:
        await hub.database.migrate()
        yield RunningHub(hub)


@pytest.fixture
def parts(running: RunningHub, port: int) -> Iterator[Parts]:
    made = Parts(running, port)
    for name in ("web", "speak", "deliver"):
        made.start(name)
    yield made
    made.stop()


async def test_events_equal_jobs_equal_pushes_whatever_dies(
    running: RunningHub, parts: Parts, port: int, shared_valkey: Valkey
) -> None:
    names = Random(7).sample(["web", "speak", "deliver"], 3)
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
        await eventually(lambda: _answers(client, url))
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


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(f"{url}/healthz")).status_code == 200
    except httpx.TransportError:
        return False
