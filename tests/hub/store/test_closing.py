"""A closed database leaves nothing behind that still works for it."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from sqlalchemy import text

from hub.store.database import Database

A_LONG_QUESTION = text(
    "WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 300000) "
    "SELECT max(n) FROM counted"
)


def test_a_question_given_up_in_the_middle_has_ended_when_the_database_is_closed(tmp_path: Path) -> None:
    """Its thread would come back with the answer to a loop that is gone."""

    async def asked_and_given_up() -> list[threading.Thread]:
        before = set(threading.enumerate())
        database = Database(f"sqlite:///{tmp_path / 'sayhook.db'}")
        await database.ping()
        asking = [asyncio.create_task(_ask(database)) for _ in range(3)]
        while len(set(threading.enumerate()) - before) < len(asking):
            await asyncio.sleep(0)
        await asyncio.sleep(0.02)
        for task in asking:
            task.cancel()
        await asyncio.sleep(0)
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        assert all(task.cancelled() for task in asking)
        await database.close()
        return [one for one in set(threading.enumerate()) - before if "connection" in one.name]

    assert asyncio.run(asked_and_given_up()) == []


async def _ask(database: Database) -> None:
    async with database.reading() as session:
        await session.execute(A_LONG_QUESTION)
