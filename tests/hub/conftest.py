"""A hub over a real database, real files and a queue of the test's choosing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from hub.hub import Hub, open_hub
from hub.queue.protocol import Kind, Overheard
from hub.secrets import Secrets
from hub.settings import Settings
from hub.store.blobs import Blobs
from hub.store.database import Database
from hub.store.tables import Account
from tests.databases import Prepare
from tests.hub.running import RunningHub, quick_settings
from tests.postgres import new_database
from tests.valkey import Valkey, running_valkey


class Clock:
    """A clock that moves only when told to."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.instant

    def advance(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)


class LostQueue:
    """The queue at its worst: it is asked, and forgets. What was asked is kept for the test to read."""

    def __init__(self) -> None:
        self.speech: list[str] = []
        self.deliveries: list[str] = []

    async def enqueue_speech(self, job_id: str, account_id: str, cost: int) -> bool:
        self.speech.append(job_id)
        return False

    async def enqueue_delivery(self, delivery_id: str, not_before: datetime | None) -> bool:
        self.deliveries.append(delivery_id)
        return False

    async def ping(self) -> None:
        raise OSError("away")

    async def live_workers(self, kind: Kind) -> int:
        return 0

    async def worker_names(self, kind: Kind) -> Sequence[str]:
        return ()

    async def depth(self, kind: Kind) -> int:
        return 0

    async def broadcast(self, job_id: str, stretches: Sequence[tuple[int, bytes]]) -> bool:
        return False

    async def overhear(self, job_id: str, after: str) -> Sequence[Overheard]:
        return ()

    async def close(self) -> None:
        return None


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue() -> LostQueue:
    return LostQueue()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Every test of the store runs on both databases."""
    if request.param == "sqlite":
        url: str = request.getfixturevalue("prepare_sqlite")(tmp_path)
        return url
    template: str = request.getfixturevalue("postgres_template")
    return new_database(request.getfixturevalue("postgres_server"), template=template)


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest_asyncio.fixture
async def store_hub(database: Database, queue: LostQueue, clock: Clock, tmp_path: Path) -> Hub:
    """A hub without Redis, for what must hold whatever the queue does."""
    settings = Settings(data=tmp_path, database_url="sqlite://", _env_file=None)
    blobs = Blobs((tmp_path / "audio").as_uri())
    return Hub(settings, database, blobs, queue, Secrets(["k" * 40]), clock)


@pytest_asyncio.fixture
async def account(store_hub: Hub) -> Account:
    from hub.accounts import create_account

    async with store_hub.database.transaction() as session:
        return await create_account(
            session, email="owner@example.com", now=store_hub.now(), secrets=store_hub.secrets
        )


@pytest.fixture(scope="session")
def shared_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with running_valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture
def redis_url(shared_valkey: Valkey) -> str:
    """An empty Valkey that stays up. Tests that stop theirs start their own."""
    shared_valkey.flush()
    return shared_valkey.url


@pytest_asyncio.fixture
async def running_hub(tmp_path: Path, redis_url: str, prepare_sqlite: Prepare) -> AsyncIterator[RunningHub]:
    prepare_sqlite(tmp_path)
    async with open_hub(quick_settings(tmp_path, redis_url)) as hub:
        yield RunningHub(hub)
