"""Credits over random interleavings of everything that can happen to jobs, on both databases."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from hub.accounts import create_account
from hub.errors import Conflict, InsufficientCredits, NotFound
from hub.hub import Hub
from hub.jobs import (
    OPEN,
    Claim,
    accept,
    cancel,
    claim,
    complete,
    complete_part,
    erase,
    fail,
    give_back,
    preview_id,
    sweep,
)
from hub.money import grant
from hub.money.ledger import forfeit
from hub.secrets import Secrets
from hub.settings import Settings
from hub.store.blobs import Blobs
from hub.store.database import Database
from hub.store.tables import Account, Generation, LedgerEntry
from tests.hub.conftest import Clock, LostQueue
from tests.hub.jobs.orders import long_order, order, speech

Answer = TypeVar("Answer")
STEPS = 50
STEPS_IN_ALL = int(os.environ.get("MONEY_STEPS", "600"))
LIVES = STEPS_IN_ALL * 11 // (STEPS * 10) + 2
"""Each is one account's; some end early. `MONEY_STEPS=2000` goes on for longer."""


def held_and_spent(jobs: Iterable[Generation]) -> tuple[int, int]:
    """What the jobs' states say. Takes that share a price hold it until one is completed, which spends it."""
    orders: dict[str, list[Generation]] = {}
    for job in jobs:
        orders.setdefault(job.charged_with or job.id, []).append(job)
    held = spent = 0
    for takes in orders.values():
        price = sum(take.price for take in takes)
        if any(take.status == "completed" for take in takes):
            spent += price
        elif any(take.status in OPEN for take in takes):
            held += price
    return held, spent


class Money(RuleBasedStateMachine):
    """One account's jobs. `workers` holds claims, also of workers that have since been taken for dead."""

    database_url: str
    folder: Path
    steps = 0
    """Of all lives, each followed by a check of the sums."""

    jobs: Bundle[str] = Bundle("jobs")
    workers: Bundle[Claim] = Bundle("workers")

    def __init__(self) -> None:
        super().__init__()
        type(self).steps -= 1  # the first check is before the first step
        self.runner = asyncio.Runner()
        self.clock = Clock()
        self.granted = 500
        settings = Settings(data=self.folder, _env_file=None)
        blobs = Blobs(self.folder.as_uri())
        self.hub = Hub(
            settings, Database(self.database_url), blobs, LostQueue(), Secrets(["k" * 40]), self.clock
        )
        self.account_id = self.run(self._new_account())

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return self.runner.run(work)

    async def _new_account(self) -> str:
        async with self.hub.database.transaction() as session:
            account = await create_account(
                session, email=f"{uuid4()}@example.com", now=self.clock(), secrets=self.hub.secrets
            )
            return account.id

    @rule(target=jobs, clone=st.booleans())
    def place_order(self, clone: bool) -> Any:
        """The queue forgets every job, as if the web process had died between commit and enqueue."""
        try:
            accepted = self.run(
                accept(self.hub, order(reference=b"r" if clone else None), account_id=self.account_id)
            )
        except InsufficientCredits:
            return multiple()
        assert accepted.generation is not None
        return accepted.generation.id

    @rule(target=jobs, more=st.integers(1, 2))
    def order_previews(self, more: int) -> Any:
        """Takes of one voice for one price; any of them may be cancelled, fail or be finished first."""
        seeds = range(1, more + 1)
        try:
            accepted = self.run(accept(self.hub, order(), account_id=self.account_id, more_seeds=seeds))
        except InsufficientCredits:
            return multiple()
        assert accepted.generation is not None
        return multiple(*(preview_id(accepted.generation.id, number) for number in (0, *seeds)))

    @rule(target=jobs)
    def order_long_text(self) -> Any:
        try:
            accepted = self.run(accept(self.hub, long_order(), account_id=self.account_id))
        except InsufficientCredits:
            return multiple()
        assert accepted.generation is not None
        return accepted.generation.id

    @rule(target=workers, job=jobs)
    def take(self, job: str) -> Any:
        taken = self.run(claim(self.hub, job))
        return multiple() if taken is None else taken

    @rule(worker=workers)
    def finish(self, worker: Claim) -> None:
        """The whole of it, or one part of a long text."""
        end = complete if worker.part is None else complete_part
        self.run(end(self.hub, worker, speech(0.01)))

    @rule(worker=workers)
    def go_home(self, worker: Claim) -> None:
        self.run(give_back(self.hub, worker))

    @rule(worker=workers, retryable=st.booleans())
    def break_down(self, worker: Claim, retryable: bool) -> None:
        self.run(fail(self.hub, worker, code="x", message="broke", retryable=retryable))

    @rule(job=jobs)
    def stop(self, job: str) -> None:
        try:
            self.run(cancel(self.hub, self.account_id, job))
        except (Conflict, NotFound):
            return

    @rule(job=jobs)
    def delete(self, job: str) -> None:
        try:
            self.run(erase(self.hub, self.account_id, job))
        except NotFound:
            return

    @rule(seconds=st.sampled_from([1, 12, 40]))
    def time_passes(self, seconds: int) -> None:
        """After 40 s without a beat a worker is dead to the sweeper."""
        self.clock.advance(seconds)
        self.run(sweep(self.hub))

    @rule(credits=st.integers(1, 120))
    def top_up(self, credits: int) -> None:
        async def add() -> None:
            async with self.hub.database.transaction() as session:
                await grant(session, account_id=self.account_id, credits=credits, note="", now=self.clock())

        self.run(add())
        self.granted += credits

    @rule(chance=st.integers(0, 5))
    def leave(self, chance: int) -> None:
        """Sometimes the account is closed and loses what is free; what is held comes back."""
        if chance == 5:
            self.granted -= self.run(self._forfeited())

    async def _forfeited(self) -> int:
        async with self.hub.database.transaction() as session:
            account = await session.get_one(Account, self.account_id, with_for_update=True)
            lost = account.credits
            await forfeit(session, account_id=self.account_id, now=self.clock())
        return lost

    @invariant()
    def credits_add_up(self) -> None:
        self.run(self._check())
        type(self).steps += 1

    async def _check(self) -> None:
        async with self.hub.database.reading() as session:
            account = await session.get_one(Account, self.account_id)
            sums = await session.execute(
                select(func.sum(LedgerEntry.credits), func.sum(LedgerEntry.held)).where(
                    LedgerEntry.account_id == self.account_id
                )
            )
            jobs = (
                await session.scalars(select(Generation).where(Generation.account_id == self.account_id))
            ).all()
        assert (account.credits, account.held) == tuple(sums.one())
        assert account.credits >= 0
        held, spent = held_and_spent(jobs)
        assert account.held == held
        assert account.credits + account.held + spent == self.granted

    def teardown(self) -> None:
        self.run(self.hub.database.close())
        self.runner.close()


@pytest.mark.timeout(600)
def test_money_always_adds_up(database_url: str, tmp_path: Path) -> None:
    machine: type[Money] = type("MoneyHere", (Money,), {"database_url": database_url, "folder": tmp_path})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert machine.steps >= 0.8 * STEPS_IN_ALL, "too many lives ended early"
