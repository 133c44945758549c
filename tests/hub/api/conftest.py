"""The application over a real hub: SQLite, files on disk, a real Valkey."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette

from engine.values import Speech
from hub.accounts import create_account, create_key
from hub.api.app import create_app
from hub.hub import Hub
from hub.jobs import claim, complete
from hub.money import grant
from hub.queue import open_queue
from hub.secrets import Secrets
from hub.settings import Settings
from hub.store.blobs import Blobs
from hub.store.database import Database
from tests.databases import Prepare
from tests.hub.conftest import Clock
from tests.hub.jobs.orders import speech


@dataclass(frozen=True, slots=True)
class Customer:
    """An account, and a key of it that may do everything."""

    account_id: str
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


@pytest.fixture
def settings(tmp_path: Path, redis_url: str) -> Settings:
    return Settings(data=tmp_path, redis_url=redis_url, _env_file=None)


@pytest_asyncio.fixture
async def hub(settings: Settings, clock: Clock, prepare_sqlite: Prepare) -> AsyncIterator[Hub]:
    database = Database(prepare_sqlite(settings.data))
    queue = open_queue(settings)
    blobs = Blobs(settings.resolved_storage_url)
    yield Hub(settings, database, blobs, queue, Secrets(["k" * 40]), clock)
    await queue.close()
    await database.close()


@pytest_asyncio.fixture
async def either_hub(database: Database, redis_url: str, tmp_path: Path) -> AsyncIterator[Hub]:
    """A hub over SQLite, and one over PostgreSQL."""
    settings = Settings(data=tmp_path, redis_url=redis_url, _env_file=None)
    queue = open_queue(settings)
    yield Hub(settings, database, Blobs(settings.resolved_storage_url), queue, Secrets(["k" * 40]))
    await queue.close()


@pytest_asyncio.fixture
async def app(hub: Hub) -> AsyncIterator[Starlette]:
    app = create_app(hub)
    yield app
    await app.state.rates.close()


@pytest_asyncio.fixture
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as client:
        yield client


@pytest_asyncio.fixture
async def customer(hub: Hub) -> Customer:
    return await new_customer(hub, "owner@example.com")


async def new_customer(
    hub: Hub, email: str, *, plan: str = "paid", scopes: list[str] | None = None, credits: int = 0
) -> Customer:
    async with hub.database.transaction() as session:
        account = await create_account(session, email=email, plan=plan, now=hub.now(), secrets=hub.secrets)
        given: dict[str, Any] = {} if scopes is None else {"scopes": scopes}
        key = await create_key(session, account_id=account.id, name="test", now=hub.now(), **given)
        if credits:
            await grant(session, account_id=account.id, credits=credits, note="test", now=hub.now())
    return Customer(account.id, key.secret)


async def ordered(client: httpx.AsyncClient, customer: Customer, **fields: Any) -> str:
    """The id of a new generation."""
    answer = await client.post(
        "/v1/tts/generate", data={"text": "Good morning.", **fields}, headers=customer.headers
    )
    assert answer.status_code == 202, answer.text
    generation_id: str = answer.json()["id"]
    return generation_id


async def finished(hub: Hub, generation_id: str, what: Speech | None = None) -> Speech:
    """What a worker does at the end: real, short audio is kept."""
    taken = await claim(hub, generation_id)
    assert taken is not None
    made = what or speech()
    await complete(hub, taken, replace(made, format=taken.request.format))
    return made


async def status_of(client: httpx.AsyncClient, customer: Customer, generation_id: str) -> dict[str, Any]:
    answer = await client.get(f"/v1/tts/status/{generation_id}", headers=customer.headers)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document
