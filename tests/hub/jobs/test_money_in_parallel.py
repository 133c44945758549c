"""Credits under sixteen writers at once, on both databases: the same sums, and nothing below zero."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select

from hub.errors import Conflict, InsufficientCredits, NotFound
from hub.hub import Hub
from hub.jobs import accept, cancel, claim, complete, erase, fail, preview_id, sweep
from hub.money import grant
from hub.store.tables import Account, Generation, LedgerEntry
from tests.hub.conftest import Clock
from tests.hub.jobs.orders import order, speech
from tests.hub.jobs.test_money_always_adds_up import held_and_spent

WRITERS = 16
ACTS = int(os.environ.get("MONEY_STEPS", "224")) // WRITERS
"""Of each writer; `MONEY_STEPS=2000` has all of them do so many together."""


class Crowd:
    """What sixteen callers and workers do to one account, each in its own order."""

    def __init__(self, hub: Hub, account: Account, clock: Clock) -> None:
        self.hub = hub
        self.account = account
        self.clock = clock
        self.jobs: list[str] = []
        self.granted = 500

    async def act(self, chance: random.Random) -> None:
        acts: list[Callable[[random.Random], Awaitable[None]]] = [
            self.place, self.place, self.speak, self.speak, self.stop, self.delete, self.lose, self.top_up,
            self.compare,
        ]  # fmt: skip
        try:
            await chance.choice(acts)(chance)
        except (InsufficientCredits, Conflict, NotFound):
            return

    async def place(self, chance: random.Random) -> None:
        wanted = order(reference=b"r" if chance.random() < 0.3 else None)
        accepted = await accept(self.hub, wanted, account_id=self.account.id)
        assert accepted.generation is not None
        self.jobs.append(accepted.generation.id)

    async def compare(self, chance: random.Random) -> None:
        """Three takes for one price, which are all taken up, stopped and deleted by different writers."""
        accepted = await accept(self.hub, order(), account_id=self.account.id, more_seeds=(1, 2))
        assert accepted.generation is not None
        self.jobs += [preview_id(accepted.generation.id, number) for number in range(3)]

    async def speak(self, chance: random.Random) -> None:
        taken = await claim(self.hub, self.one(chance))
        if taken is None:
            return
        await asyncio.sleep(0)
        if chance.random() < 0.3:
            await fail(self.hub, taken, code="x", message="broke", retryable=chance.random() < 0.5)
        else:
            await complete(self.hub, taken, speech(0.01))

    async def stop(self, chance: random.Random) -> None:
        await cancel(self.hub, self.account.id, self.one(chance))

    async def delete(self, chance: random.Random) -> None:
        await erase(self.hub, self.account.id, self.one(chance))

    async def lose(self, chance: random.Random) -> None:
        """A worker takes a job and is never heard of again; the sweeper gives the hold back in the end."""
        await claim(self.hub, self.one(chance))
        self.clock.advance(self.hub.settings.lease + 1)
        await sweep(self.hub)

    async def top_up(self, chance: random.Random) -> None:
        credits = chance.randint(1, 80)
        async with self.hub.database.transaction() as session:
            await grant(session, account_id=self.account.id, credits=credits, note="", now=self.hub.now())
        self.granted += credits

    def one(self, chance: random.Random) -> str:
        if not self.jobs:
            raise NotFound("no job yet")
        return chance.choice(self.jobs[-8:])


@pytest.mark.timeout(600)
async def test_credits_add_up_under_sixteen_writers(store_hub: Hub, account: Account, clock: Clock) -> None:
    crowd = Crowd(store_hub, account, clock)

    async def writer(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(ACTS):
            await crowd.act(chance)

    await asyncio.gather(*(writer(seed) for seed in range(WRITERS)))
    await check(crowd)
    for _ in range(4):  # every worker is dead by now; three tries each, and the holds are over
        for job in crowd.jobs:
            await claim(store_hub, job)
        clock.advance(store_hub.settings.lease + 60)
        await sweep(store_hub)
    await check(crowd)


async def check(crowd: Crowd) -> None:
    async with crowd.hub.database.reading() as session:
        account = await session.get_one(Account, crowd.account.id, populate_existing=True)
        balance = func.sum(LedgerEntry.credits).over(order_by=LedgerEntry.id)
        lines = (await session.execute(select(LedgerEntry.credits, LedgerEntry.held, balance))).all()
        jobs = (await session.scalars(select(Generation))).all()
    assert account.credits == sum(line[0] for line in lines)
    assert account.held == sum(line[1] for line in lines)
    assert min(line[2] for line in lines) >= 0
    held, spent = held_and_spent(jobs)
    assert account.held == held
    assert account.credits + account.held + spent == crowd.granted
