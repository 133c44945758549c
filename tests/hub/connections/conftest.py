"""A hub behind a real socket, a simulated shop behind another, and a hand that does the workers' work."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio
import uvicorn
from sqlalchemy import func, select
from starlette.applications import Starlette

from connectors.woocommerce.shop import Shop
from connectors.woocommerce.simulator import Simulator
from hub import jobs
from hub.api.app import create_app
from hub.hub import Hub
from hub.secrets import Secrets
from hub.settings import Settings
from hub.store.blobs import Blobs
from hub.store.connection_tables import ConnectionRecord, InboundEvent, Push
from hub.store.database import Database
from hub.store.tables import Generation
from hub.worker.errands import Errands
from tests.databases import Prepare
from tests.hub.api.conftest import Customer, new_customer
from tests.hub.api.serving import serving
from tests.hub.conftest import Clock, LostQueue
from tests.hub.jobs.orders import speech
from webhooks.guard import open_client, policy_for
from webhooks.pacing import Pace
from webhooks.traffic import Traffic


class TickingClock(Clock):
    """No two instants are the same."""

    def __call__(self) -> datetime:
        self.advance(0.001)
        return self.instant


class ListedQueue(LostQueue):
    """Keeps what it is told, for the test's own hand to do; like the real one it keeps nothing twice."""

    async def enqueue_speech(self, job_id: str, account_id: str, cost: int) -> bool:
        self.speech.append(job_id)
        return True

    async def enqueue_delivery(self, delivery_id: str, not_before: datetime | None) -> bool:
        if not_before is not None or delivery_id in self.deliveries:
            return False
        self.deliveries.append(delivery_id)
        return True


@dataclass
class Workshop:
    """The hub, its address, one customer, and the work to do by hand."""

    hub: Hub
    queue: ListedQueue
    client: httpx.AsyncClient
    customer: Customer
    errands: Errands
    clock: Clock
    failing: set[str] = field(default_factory=set)

    async def settle(self) -> None:
        """Do what is queued, and what comes of it, until nothing is left."""
        while self.queue.deliveries or self.queue.speech:
            while self.queue.deliveries:
                await self.errand(self.queue.deliveries.pop(0))
            while self.queue.speech:
                await self.speak(self.queue.speech.pop(0))

    async def errand(self, job_id: str) -> None:
        context = {"job_id": job_id}
        await self.errands.run(context)
        await self.errands.after(context)

    async def speak(self, generation_id: str) -> None:
        claim = await jobs.claim(self.hub, generation_id)
        if claim is None:
            return
        if claim.request.text in self.failing:
            ended = await jobs.fail(self.hub, claim, code="engine_failed", message="No.", retryable=False)
        else:
            made = replace(speech(0.1), format=claim.request.format)
            if claim.part is not None:
                await jobs.complete_part(self.hub, claim, made)
                self.queue.speech.append(generation_id)
                return
            ended = await jobs.complete(self.hub, claim, made)
        for delivery in ended:
            await self.queue.enqueue_delivery(delivery, None)

    async def call(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        answer = await self.client.request(method, path, headers=self.customer.headers, **more)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def events(self, connection_id: str) -> list[dict[str, Any]]:
        listed: dict[str, Any] = await self.call("GET", f"/v1/connections/{connection_id}/events?limit=100")
        return list(listed["data"])

    async def count(self, table: type[Any], *where: Any) -> int:
        async with self.hub.database.reading() as session:
            return await session.scalar(select(func.count()).select_from(table).where(*where)) or 0

    async def spoken(self) -> list[str]:
        async with self.hub.database.reading() as session:
            return list(await session.scalars(select(Generation.text).order_by(Generation.created_at)))

    async def pushes(self) -> list[Push]:
        async with self.hub.database.reading() as session:
            return list(await session.scalars(select(Push).order_by(Push.created_at)))

    async def record(self, connection_id: str) -> ConnectionRecord:
        async with self.hub.database.reading() as session:
            found = await session.get(ConnectionRecord, connection_id)
            assert found is not None
            return found

    async def waiting(self) -> int:
        return await self.count(InboundEvent, InboundEvent.verdict == "waiting")


@asynccontextmanager
async def workshop_on(
    database: Database, folder: Path, redis_url: str, clock: Clock, **other: Any
) -> AsyncIterator[Workshop]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = Settings(
            data=folder,
            redis_url=redis_url,
            public_url=url,
            allow_private_callbacks=True,
            _env_file=None,
            **other,
        )
        queue = ListedQueue()
        blobs = Blobs((folder / "audio").as_uri())
        hub = Hub(settings, database, blobs, queue, Secrets(["k" * 40]), clock)
        customer = await new_customer(hub, "owner@example.com", credits=100_000)
        async with (
            served(create_app(hub), listener),
            httpx.AsyncClient(base_url=url) as client,
            open_client(policy_for(allow_private=True)) as outward,
        ):
            yield Workshop(
                hub,
                queue,
                client,
                customer,
                Errands(hub, outward, traffic=Traffic(Pace(1e6, 1_000_000))),
                clock,
            )


@asynccontextmanager
async def served(app: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    from hub.api.server import server_config

    server = uvicorn.Server(server_config(app, lifespan="on", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


@pytest_asyncio.fixture
async def workshop(tmp_path: Path, redis_url: str, prepare_sqlite: Prepare) -> AsyncIterator[Workshop]:
    database = Database(prepare_sqlite(tmp_path))
    async with workshop_on(database, tmp_path, redis_url, TickingClock()) as made:
        yield made
    await database.close()


@dataclass
class ShopHere:
    """The simulated shop at its address."""

    url: str
    simulator: Simulator

    @property
    def shop(self) -> Shop:
        return self.simulator.shop

    @property
    def credentials(self) -> Mapping[str, str]:
        return self.simulator.credentials

    def form(self, **options: Any) -> dict[str, Any]:
        return {
            "connector": "woocommerce",
            "address": self.url,
            "credentials": dict(self.credentials),
            "options": options,
        }

    def audio_of(self, product: int) -> str | None:
        for row in self.shop.products[product]["meta_data"]:
            if row["key"] == "_sayhook_audio_url":
                return str(row["value"])
        return None


async def _post(platform: httpx.AsyncClient, url: str, headers: Mapping[str, str], body: bytes) -> int:
    return (await platform.post(url, headers=dict(headers), content=body)).status_code


@pytest_asyncio.fixture
async def shop() -> AsyncIterator[ShopHere]:
    simulator: Simulator

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await simulator.app(scope, receive, send)

    async with httpx.AsyncClient() as platform, serving(app) as url:  # type: ignore[arg-type]  # any ASGI app
        simulator = Simulator(url, post=partial(_post, platform))
        yield ShopHere(url, simulator)


@pytest_asyncio.fixture
async def connected(workshop: Workshop, shop: ShopHere) -> str:
    """The id of a live connection to the shop."""
    made: dict[str, Any] = await workshop.call("POST", "/v1/connections", 201, json=shop.form())
    return str(made["id"])
