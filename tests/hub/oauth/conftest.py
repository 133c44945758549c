"""One hub a module: starting one costs more than any test here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from hub.accounts import create_account
from hub.api.app import create_app
from hub.hub import Hub
from hub.queue import open_queue
from hub.secrets import Secrets
from hub.settings import Settings
from hub.store.blobs import Blobs
from hub.store.database import Database
from tests.hub.conftest import Clock
from tests.hub.oauth.provider import ISSUER, Provider
from tests.postgres import new_database
from tests.valkey import Valkey


@asynccontextmanager
async def opened_provider(folder: Path, database_url: str, valkey: Valkey) -> AsyncIterator[Provider]:
    valkey.flush()
    settings = Settings(data=folder, database_url=database_url, redis_url=valkey.url, _env_file=None)
    database = Database(settings.resolved_database_url)
    await database.migrate()
    clock = Clock()
    blobs = Blobs(settings.resolved_storage_url)
    hub = Hub(settings, database, blobs, open_queue(settings), Secrets(["k" * 40]), clock)
    async with database.transaction() as session:
        owner = await create_account(
            session, email="owner@example.com", plan="paid", now=clock(), secrets=hub.secrets
        )
    app = create_app(hub)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ISSUER) as http:
        yield Provider(hub, http, clock, owner.id)
    await app.state.rates.close()
    await hub.queue.close()
    await database.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def provider(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shared_valkey: Valkey
) -> AsyncIterator[Provider]:
    """On SQLite, and again on PostgreSQL."""
    url = "" if request.param == "sqlite" else new_database(request.getfixturevalue("postgres_server"))
    async with opened_provider(tmp_path_factory.mktemp("oauth"), url, shared_valkey) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _fresh_windows(request: pytest.FixtureRequest) -> None:
    """No test uses up the rate windows of another."""
    if "provider" in request.fixturenames:
        request.getfixturevalue("shared_valkey").flush()
