"""A hub on real SQLite, real files and a real Valkey, and what tests of its workers ask of it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from connectors.values import SpeechOrder
from engine.values import SpeechRequest
from hub import jobs
from hub.accounts import create_account
from hub.hub import Hub
from hub.money import grant
from hub.settings import Settings
from hub.store.tables import Account, Generation, LedgerEntry
from tests.hub.worker.forked import Forked
from tests.hub.worker.process import JOURNAL

ROOT = Path(__file__).resolve().parents[2]


def quick_settings(data: Path, redis_url: str, **other: Any) -> Settings:
    """Everything that takes seconds in life takes tenths here."""
    quick: dict[str, Any] = {
        "heartbeat": 0.2,
        "lease": 2.0,
        "sweep_interval": 0.3,
        "job_timeout": 20.0,
        "speak_at_once": 1,
    }
    return Settings(
        data=data,
        redis_url=redis_url,
        allow_private_callbacks=True,
        _env_file=None,
        **{**quick, **other},
    )


@dataclass(frozen=True)
class RunningHub:
    hub: Hub

    @property
    def journal(self) -> Path:
        return self.hub.settings.data / "journal"

    @property
    def started(self) -> list[str]:
        """The texts that speakers began, in order."""
        if not self.journal.exists():
            return []
        return [line.split(" ", 1)[1] for line in self.journal.read_text().splitlines()]

    async def account(self, email: str = "owner@example.com", credits: int = 100_000) -> str:
        now = self.hub.now()
        async with self.hub.database.transaction() as session:
            account = await create_account(session, email=email, now=now, secrets=self.hub.secrets)
            await grant(session, account_id=account.id, credits=credits, note="test", now=now)
        return account.id

    async def order(self, account_id: str, text: str, callback_url: str | None = None) -> str:
        order = SpeechOrder(SpeechRequest(text), callback_url=callback_url, metadata={"sku": "A-1"})
        accepted = await jobs.accept(self.hub, order, account_id=account_id)
        assert accepted.generation is not None
        return accepted.generation.id

    async def row(self, generation_id: str) -> Generation:
        async with self.hub.database.reading() as session:
            row = await session.get(Generation, generation_id)
            assert row is not None
            return row

    async def until(self, generation_id: str, status: str, seconds: float = 40.0) -> Generation:
        async def reached() -> bool:
            return (await self.row(generation_id)).status == status

        await eventually(reached, seconds)
        return await self.row(generation_id)

    async def until_all(self, status: str, seconds: float = 60.0) -> None:
        async def reached() -> bool:
            async with self.hub.database.reading() as session:
                others = select(func.count()).where(Generation.status != status)
                return await session.scalar(others) == 0

        await eventually(reached, seconds)

    async def balance(self, account_id: str) -> tuple[int, int]:
        """Credits and held ones, after showing that the ledger says the same."""
        async with self.hub.database.reading() as session:
            account = await session.get(Account, account_id)
            assert account is not None
            sums = select(func.sum(LedgerEntry.credits), func.sum(LedgerEntry.held))
            written = (await session.execute(sums.where(LedgerEntry.account_id == account_id))).one()
            assert tuple(written) == (account.credits, account.held)
            return account.credits, account.held

    @contextmanager
    def worker(self, kind: str = "speak", *, grace: float = 10.0) -> Iterator[Forked]:
        process = start_worker(self.hub.settings, kind, self.journal, grace=grace)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def start_worker(
    settings: Settings, kind: str, journal: Path, *, grace: float = 10.0, **environment: str
) -> Forked:
    own = {**os.environ, **worker_environment(settings, journal), **environment}
    return Forked([kind, str(grace)], own, settings.data / f"{kind}.log")


def worker_environment(settings: Settings, journal: Path) -> dict[str, str]:
    named = {
        "DATA": settings.data,
        "REDIS_URL": settings.redis_url,
        "HEARTBEAT": settings.heartbeat,
        "LEASE": settings.lease,
        "SWEEP_INTERVAL": settings.sweep_interval,
        "JOB_TIMEOUT": settings.job_timeout,
        "SPEAK_AT_ONCE": settings.speak_at_once,
        "ALLOW_PRIVATE_CALLBACKS": settings.allow_private_callbacks,
    }
    return {**{f"SAYHOOK_{name}": str(value) for name, value in named.items()}, JOURNAL: str(journal)}


async def eventually(reached: Callable[[], Awaitable[bool]], seconds: float = 40.0) -> float:
    """Waits until it is so and returns how long that took."""
    begun = time.monotonic()
    while not await reached():
        assert time.monotonic() - begun < seconds, "it did not come to pass in time"
        await asyncio.sleep(0.05)
    return time.monotonic() - begun
