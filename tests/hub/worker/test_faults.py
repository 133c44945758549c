"""Promise 1: an accepted event is never lost, whatever is killed while it is on its way."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hub.hub import open_hub
from hub.store.tables import Delivery
from tests.databases import Prepare
from tests.hub.receiver import running_receiver
from tests.hub.running import RunningHub, eventually, quick_settings, start_worker
from tests.hub.worker.forked import Forked
from tests.valkey import Valkey, running_valkey

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "9"))
"""Each strikes once: `FAULT_ROUNDS=100` is a long storm."""


class Workers:
    """Two that speak and one that delivers; `mend` starts again what has died, as a supervisor would."""

    def __init__(self, running: RunningHub) -> None:
        self._running = running
        self._processes: dict[str, Forked] = {}

    def mend(self) -> None:
        for name in ("speak", "speak again", "deliver"):
            process = self._processes.get(name)
            if process is None or process.poll() is not None:
                settings, journal = self._running.hub.settings, self._running.journal
                self._processes[name] = start_worker(settings, name.split()[0], journal)

    def kill_one(self, chance: random.Random) -> None:
        self._processes[chance.choice(sorted(self._processes))].kill()

    def end(self) -> None:
        for process in self._processes.values():
            process.kill()
            process.wait()


@contextmanager
def workers_of(running: RunningHub) -> Iterator[Workers]:
    workers = Workers(running)
    try:
        workers.mend()
        yield workers
    finally:
        workers.end()


async def strike(chance: random.Random, workers: Workers, valkey: Valkey) -> None:
    match chance.choice(["worker", "worker", "worker", "valkey", "flush", "nothing"]):
        case "worker":
            workers.kill_one(chance)
        case "valkey":
            valkey.kill()
            await asyncio.sleep(chance.random())
            valkey.start()
        case "flush":
            valkey.flush()


@pytest.mark.timeout(180 + 5 * ROUNDS)
async def test_events_jobs_deliveries_and_money_agree_after_a_storm(
    tmp_path: Path, prepare_sqlite: Prepare
) -> None:
    prepare_sqlite(tmp_path)
    chance = random.Random(2611)
    with running_valkey(tmp_path / "valkey") as valkey, running_receiver() as receiver:
        async with open_hub(quick_settings(tmp_path, valkey.url)) as hub:
            running = RunningHub(hub)
            accounts = [await running.account(f"{name}@example.com", 10_000) for name in "abc"]
            ordered: list[str] = []
            with workers_of(running) as workers:
                for number in range(ROUNDS):
                    for account in accounts:
                        text = f"say {chance.random() / 2:.2f} {number}"
                        ordered.append(await running.order(account, text, receiver.url))
                    await asyncio.sleep(0.4)
                    await strike(chance, workers, valkey)
                    workers.mend()

                async def settled() -> bool:
                    workers.mend()
                    await asyncio.sleep(0.2)
                    async with hub.database.reading() as session:
                        open_ones = select(func.count()).where(Delivery.status != "delivered")
                        written = await session.scalar(select(func.count()).select_from(Delivery))
                        return written == len(ordered) and await session.scalar(open_ones) == 0

                await eventually(settled, 120 + ROUNDS)
            told = {message.document["id"] for message in receiver.received}
            assert told == set(ordered)
            for generation_id in ordered:
                assert (await running.row(generation_id)).status == "completed"
            for account in accounts:
                assert await running.balance(account) == (10_500 - 50 * ROUNDS, 0)
            kept = [path for path in (tmp_path / "audio").rglob("*") if path.is_file()]
            assert len(kept) == len(ordered)
