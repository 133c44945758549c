"""One hub a module: starting one costs more than any test here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
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
from tests.databases import Prepare
from tests.hub.api.serving import serving
from tests.hub.conftest import Clock
from tests.hub.oauth.provider import ISSUER, Provider
from tests.hub.oauth.walk import Walk
from tests.hub.pages.conftest import Browser, sign_up
from tests.postgres import new_database
from tests.valkey import Valkey


class TickingClock(Clock):
    """One that is never read twice at the same instant: what came first is told by it."""

    def __call__(self) -> datetime:
        self.advance(1e-6)
        return self.instant


@asynccontextmanager
async def opened_provider(folder: Path, database_url: str, valkey: Valkey) -> AsyncIterator[Provider]:
    valkey.flush()
    settings = Settings(data=folder, database_url=database_url, redis_url=valkey.url, _env_file=None)
    database = Database(database_url)
    clock = TickingClock()
    blobs = Blobs(settings.resolved_storage_url)
    hub = Hub(settings, database, blobs, open_queue(settings), Secrets(["k" * 40]), clock)
    async with database.transaction() as session:
        owner = await create_account(
            session, email="owner@example.com", plan="paid", now=clock(), secrets=hub.secrets
        )
    app = create_app(hub)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ISSUER) as http:
        yield Provider(hub, app, http, clock, owner.id)
    await app.state.rates.close()
    await hub.queue.close()
    await database.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def folder_and_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """On SQLite, and again on PostgreSQL."""
    folder = tmp_path_factory.mktemp("oauth")
    if request.param == "sqlite":
        return folder, request.getfixturevalue("prepare_sqlite")(folder)
    template = request.getfixturevalue("postgres_template")
    return folder, new_database(request.getfixturevalue("postgres_server"), template=template)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def provider(folder_and_url: tuple[Path, str], shared_valkey: Valkey) -> AsyncIterator[Provider]:
    async with opened_provider(*folder_and_url, shared_valkey) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def walk(
    tmp_path_factory: pytest.TempPathFactory, shared_valkey: Valkey, prepare_sqlite: Prepare
) -> AsyncIterator[Walk]:
    """A web process that really runs, and a person who has signed up at it."""
    folder = tmp_path_factory.mktemp("oauth-web")
    async with (
        opened_provider(folder, prepare_sqlite(folder), shared_valkey) as opened,
        serving(opened.app) as base_url,
        httpx.AsyncClient(base_url=base_url) as http,
        httpx.AsyncClient(base_url=base_url, follow_redirects=True) as cookies,
    ):
        person = Browser(cookies)
        await sign_up(person, "ada@example.com")
        yield Walk(replace(opened, http=http), base_url, person)


@pytest.fixture(autouse=True)
def _fresh_windows(shared_valkey: Valkey) -> None:
    """No test uses up the rate windows of another."""
    shared_valkey.flush()
