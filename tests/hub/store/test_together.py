"""Writes that come together are one transaction, and each stands for itself."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from itertools import count

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.store.database import Database
from hub.store.hook_tables import HookGoodbye
from hub.store.together import Together
from tests.hub.conftest import Clock


async def test_many_at_once_share_a_transaction_and_one_that_fails_spoils_nothing(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    together, begun = Together(database), count()
    transaction = database.transaction

    def counted() -> AbstractAsyncContextManager[AsyncSession]:
        next(begun)
        return transaction()

    monkeypatch.setattr(database, "transaction", counted)

    def write(number: int) -> asyncio.Task[int]:
        async def work(session: AsyncSession) -> int:
            session.add(HookGoodbye(id=str(number), target_url="https://x.example", next_at=clock()))
            await session.flush()
            if number == 7:
                raise ValueError("no")
            return number

        return asyncio.ensure_future(together.write(work))

    tasks = [write(number) for number in range(30)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    written = await asyncio.gather(*tasks, return_exceptions=True)
    assert next(begun) <= 2
    assert [one for one in written if isinstance(one, int)] == [n for n in range(30) if n not in (3, 7)]
    assert isinstance(written[7], ValueError)
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(HookGoodbye)) == 29


async def test_a_transaction_that_cannot_be_is_told_to_all_and_the_next_goes_on(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = Together(database)

    async def work(session: AsyncSession) -> str:
        return "written"

    def away() -> None:
        raise OSError("away")

    with monkeypatch.context() as patch:
        patch.setattr(database, "transaction", away)
        told = await asyncio.gather(together.write(work), together.write(work), return_exceptions=True)
    assert [type(one) for one in told] == [OSError, OSError]
    assert await together.write(work) == "written"
