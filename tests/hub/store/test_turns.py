"""Several processes write to one SQLite file; two `Database` objects stand to each other as they do."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from hub.store.database import Database


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'sayhook.db'}"


async def test_a_busy_process_lets_another_write_next(file_url: str) -> None:
    busy, other = Database(file_url), Database(file_url)
    written = 0
    stop = asyncio.Event()

    async def keep_writing() -> None:
        nonlocal written
        while not stop.is_set():
            async with busy.transaction() as session:
                await session.execute(text("INSERT INTO words VALUES ('busy')"))
                await asyncio.sleep(0.05)
            written += 1

    try:
        await busy.write(_table)
        writers = [asyncio.create_task(keep_writing()) for _ in range(8)]
        overtaken = []
        for _ in range(5):
            await asyncio.sleep(0.02)
            before = written
            async with other.transaction() as session:
                await session.execute(text("INSERT INTO words VALUES ('other')"))
                overtaken.append(written - before)
        stop.set()
        await asyncio.gather(*writers)
        async with other.reading() as session:
            count = (await session.execute(text("SELECT count(*) FROM words"))).scalar_one()
    finally:
        await busy.close()
        await other.close()
    assert written > 5
    assert count == written + 5
    assert max(overtaken) <= 3, overtaken


async def test_who_gives_up_waiting_leaves_the_turn_to_others(file_url: str) -> None:
    holding, waiting = Database(file_url), Database(file_url)

    async def write() -> None:
        async with waiting.transaction() as session:
            await session.execute(text("SELECT 1"))

    try:
        async with holding.transaction():
            impatient = [asyncio.create_task(write()) for _ in range(3)]
            await asyncio.sleep(0.05)
            for task in impatient:
                task.cancel()
            for task in impatient:
                with suppress(asyncio.CancelledError):
                    await task
        async with asyncio.timeout(5):
            await write()
            async with holding.transaction():
                pass
    finally:
        await holding.close()
        await waiting.close()


async def test_a_folder_that_comes_later_is_written_to_then(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'later' / 'sayhook.db'}")
    try:
        async with asyncio.timeout(5):
            for _ in range(2):
                with pytest.raises(FileNotFoundError):
                    await database.write(_table)
            (tmp_path / "later").mkdir()
            await database.write(_table)
    finally:
        await database.close()


def _table(connection: Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE words (word TEXT)")
