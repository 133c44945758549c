"""Small writes of one process that come at the same time share one transaction, and with it one wait for the
disk and, on SQLite, one turn at the only writer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from hub.store.database import Database

T = TypeVar("T")
Work = Callable[[AsyncSession], Awaitable[T]]
Place = tuple[int | str, ...]
_AT_MOST: Final = 50


class Together:
    """Whatever asks while a transaction is under way goes into the next one. Each write stands for itself:
    one that raises undoes nothing of the others.

    Those of one transaction are made in the order of their `place`. Several processes that lock the same rows
    in the same order wait for each other; in any other order PostgreSQL has to end one of them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[Place, Work[Any], asyncio.Future[Any]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, work: Work[T], place: Place = ()) -> T:
        """What `work` returns, once it is committed."""
        written: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((place, work, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_on())
        return await written

    async def _write_on(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:_AT_MOST], self._waiting[_AT_MOST:]
                batch.sort(key=_place)
                try:
                    results = await self._written([work for _, work, _ in batch])
                except Exception as error:
                    results = [error] * len(batch)
                for (_, _, written), result in zip(batch, results, strict=True):
                    _tell(written, result)
        finally:
            self._writing = None

    async def _written(self, works: list[Work[Any]]) -> list[Any]:
        results: list[Any] = []
        async with self._database.transaction() as session:
            for work in works:
                try:
                    # Also the end of the block may raise: what is not yet flushed is written there.
                    async with session.begin_nested():
                        result = await work(session)
                except Exception as error:
                    result = error
                results.append(result)
        return results


def _place(waiting: tuple[Place, Work[Any], asyncio.Future[Any]]) -> Place:
    return waiting[0]


def _tell(written: asyncio.Future[Any], result: Any) -> None:
    if written.done():
        return  # whoever asked has gone
    if isinstance(result, Exception):
        written.set_exception(result)
    else:
        written.set_result(result)
