"""The log is carried over into the database beside the writing, and does not grow for ever."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import Connection

from hub.store.database import Database
from hub.store.sqlite import keep_a_log
from tests.hub.running import eventually

PAGE = 4096


async def test_a_write_waits_for_no_checkpoint_and_one_follows_soon(tmp_path: Path) -> None:
    path = tmp_path / "sayhook.db"
    keep_a_log(str(path))
    database = Database(f"sqlite:///{path}")
    await database.write(lambda connection: _table(connection))
    await database.write(lambda connection: _rows(connection, 1200))
    assert path.stat().st_size < 100 * PAGE, "SQLite itself would have carried over a thousand pages by now"

    async def is_carried_over() -> bool:
        return path.stat().st_size > 1000 * PAGE

    took = await eventually(is_carried_over, 10)
    assert took > 0.2
    began = time.monotonic()
    await database.close()
    assert time.monotonic() - began < 5


async def test_under_a_load_without_a_pause_the_log_starts_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.store.database.MOST_PAGES", 200)
    keep_a_log(str(tmp_path / "sayhook.db"))
    database = Database(f"sqlite:///{tmp_path / 'sayhook.db'}")
    await database.write(lambda connection: _table(connection))
    for _ in range(10):
        await database.write(lambda connection: _rows(connection, 100))
    log = tmp_path / "sayhook.db-wal"
    assert log.stat().st_size < 600 * PAGE
    await database.close()


def _table(connection: Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE pages (content BLOB)")


def _rows(connection: Connection, count: int) -> None:
    connection.exec_driver_sql("INSERT INTO pages VALUES (?)", [(bytes(PAGE),) for _ in range(count)])
