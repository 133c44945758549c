from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from hub.store.database import Database
from hub.store.schema import METADATA
from tests.postgres import new_database


def _difference(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), METADATA))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
    return new_database(request.getfixturevalue("postgres_server"))


async def test_migrations_make_exactly_the_tables_the_code_describes(database: Database) -> None:
    async with database.reading() as session:
        connection = await session.connection()
        assert await connection.run_sync(_difference) == []


async def test_a_new_database_is_not_current_until_migrated(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    try:
        assert not await database.is_current()
        await asyncio.gather(*(Database.migrate(other) for other in [database] * 3))
        assert await database.is_current()
    finally:
        await database.close()


async def test_two_processes_may_migrate_at_once(empty_database_url: str) -> None:
    databases = [Database(empty_database_url) for _ in range(4)]
    try:
        looking = [database.is_current() for database in databases]
        await asyncio.gather(*(database.migrate() for database in databases), *looking)
        assert await databases[0].is_current()
    finally:
        for database in databases:
            await database.close()
