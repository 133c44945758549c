"""One way into the database, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from hub.store.checkpoints import MOST_PAGES, Checkpoints
from hub.store.sqlite import SqliteConnections, keep_a_log
from hub.store.turns import Turns

_BEGIN = "sayhook_begin"
_PRAGMAS = (
    "busy_timeout=30000",
    "synchronous=FULL",
    "foreign_keys=ON",
    # KiB; a quarter of SQLite's own: every connection has its pages, and the system keeps the file's anyway.
    "cache_size=-512",
)


class Database:
    """Transactions over `url` (`sqlite+aiosqlite://…` or `postgresql+asyncpg://…`).

    On SQLite every writing transaction takes the write lock at its start (`BEGIN IMMEDIATE`): a transaction
    that has read never fails later because another one wrote in between.
    """

    def __init__(self, url: str) -> None:
        self._url = make_url(_with_driver(url))
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self._connections = SqliteConnections(self._url.database or "") if self.is_sqlite else None
        self._engine = (
            _sqlite_engine(self._url, self._connections) if self._connections else _postgres_engine(self._url)
        )
        self._direct = _direct_engine(self._url) if self.is_sqlite else None
        self._checkpoints = Checkpoints(self._url.database or "") if self.is_sqlite else None
        reading = self._engine.execution_options(**{_BEGIN: "BEGIN"})
        self._writer = async_sessionmaker(self._engine, expire_on_commit=False)
        self._reader = async_sessionmaker(reading, expire_on_commit=False)
        self._turns = Turns(self._url.database or "") if self.is_sqlite else None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session that commits at the end of the block, or rolls back when it raises."""
        async with AsyncExitStack() as stack:
            if self._turns is not None:
                await stack.enter_async_context(self._turns)
            session = await stack.enter_async_context(self._writer())
            await stack.enter_async_context(session.begin())
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for looking only; whatever it changed is thrown away."""
        async with self._reader() as session:
            yield session

    async def write(self, work: Callable[[Connection], None]) -> None:
        """Run `work`, which only executes statements, in one writing transaction.

        On SQLite in a single visit to a thread: a session goes to one and back for every statement, its start
        and its end, and in a busy process each way waits for its turn.
        """
        if self._direct is None or self._turns is None:
            async with self._engine.begin() as connection:
                await connection.run_sync(work)
            return
        async with self._turns:
            await asyncio.to_thread(self._write_directly, self._direct, work)
        if self._checkpoints is not None:
            self._checkpoints.soon()

    def _write_directly(self, engine: Engine, work: Callable[[Connection], None]) -> None:
        with engine.begin() as connection:
            work(connection)

    async def migrate(self) -> None:
        """Bring the schema up to date. Safe to call from several processes at once."""
        from hub.store import migrations  # Alembic weighs 11 MB; most processes never migrate

        async with AsyncExitStack() as stack:
            if self._turns is not None:
                Path(self._url.database or "").parent.mkdir(parents=True, exist_ok=True)
                await stack.enter_async_context(self._turns)
                await asyncio.to_thread(keep_a_log, self._url.database or "")
            connection = await stack.enter_async_context(self._engine.begin())
            await connection.run_sync(migrations.upgrade)

    async def is_current(self) -> bool:
        """Whether the schema is the one this code was written for."""
        from hub.store import migrations

        async with self._reader() as session:
            connection = await session.connection()
            return await connection.run_sync(migrations.is_current)

    async def ping(self) -> None:
        async with self.reading() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        if self._checkpoints is not None:
            await self._checkpoints.close()
        if self._direct is not None:
            self._direct.dispose()
        await self._engine.dispose()
        if self._connections is not None:
            await self._connections.ended()
        if self._turns is not None:
            await self._turns.close()


def _with_driver(url: str) -> str:
    for plain, full in (
        ("sqlite://", "sqlite+aiosqlite://"),
        ("postgresql://", "postgresql+asyncpg://"),
        ("postgres://", "postgresql+asyncpg://"),
    ):
        if url.startswith(plain):
            return full + url.removeprefix(plain)
    return url


def _postgres_engine(url: Any) -> AsyncEngine:
    return create_async_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20)


def _sqlite_engine(url: Any, connections: SqliteConnections) -> AsyncEngine:
    engine = create_async_engine(url, async_creator=connections.connect)
    _say_begin_ourselves(engine.sync_engine)
    return engine


def _direct_engine(url: Any) -> Engine:
    engine = create_engine(url.set(drivername="sqlite"), connect_args={"timeout": 30}, pool_size=1)
    _say_begin_ourselves(engine)

    @event.listens_for(engine, "connect")
    def _checkpoint_seldom(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA wal_autocheckpoint={MOST_PAGES}")

    return engine


def _say_begin_ourselves(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN IMMEDIATE"))
