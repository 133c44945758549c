"""Databases with today's tables, copied from one: going through the migrations each time takes longer."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.store.database import Database
from tests.postgres import new_database

Prepare = Callable[[Path], str]


def migrated(url: str) -> str:
    async def migrate() -> None:
        database = Database(url)
        await database.migrate()
        await database.close()

    asyncio.run(migrate())
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "sayhook.db"
    migrated(f"sqlite+aiosqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of a database that nobody is connected to, as PostgreSQL asks of what it copies."""
    return migrated(new_database(postgres_server)).rsplit("/", 1)[1]


@pytest.fixture(scope="session")
def prepare_sqlite(sqlite_template: Path) -> Prepare:
    """Puts a database where the hub looks for it in a data folder, and returns its URL."""

    def prepare(data: Path) -> str:
        file = data / sqlite_template.name
        shutil.copyfile(sqlite_template, file)
        return f"sqlite+aiosqlite:///{file}"

    return prepare
