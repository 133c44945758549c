"""The worker within one process: its life, its queue's moods, and the sweeper beside it."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from arq.connections import ArqRedis

from hub.hub import Hub, open_hub
from hub.queue.connection import web_client, worker_client
from hub.queue.names import SPEAK
from hub.worker import lease
from hub.worker.lease import LeaseWorker
from hub.worker.service import Service
from hub.worker.speaking import SpeakJob
from hub.worker.sweeping import sweep_on
from hub.worker.utterance import SpeakingThreads
from tests.databases import Prepare
from tests.hub.running import RunningHub, eventually, quick_settings
from tests.hub.worker.speakers import ScriptedSpeaker
from tests.valkey import Valkey, running_valkey


@asynccontextmanager
async def serving(
    running: RunningHub,
    *,
    client: Callable[[str], ArqRedis] = worker_client,
    grace: float = 5.0,
    at_once: int = 1,
) -> AsyncIterator[Service]:
    hub = running.hub
    job = SpeakJob(hub, SpeakingThreads(ScriptedSpeaker(running.journal), at_once), stuck=pytest.fail)
    worker = LeaseWorker(
        job.run,
        kind=SPEAK,
        redis=client(hub.settings.redis_url),
        name="one",
        lease=hub.settings.lease,
        max_jobs=at_once,
        after=job.carry_on,
    )
    service = Service(hub, worker, interrupt=job.interrupt, grace=grace)
    life = asyncio.create_task(service.run())
    try:
        yield service
    finally:
        service.stop()
        await life


@pytest.fixture
async def own_valkey(tmp_path: Path) -> AsyncIterator[Valkey]:
    with running_valkey(tmp_path / "valkey") as server:
        yield server


@asynccontextmanager
async def hub_on(server: Valkey, folder: Path, prepare_sqlite: Prepare) -> AsyncIterator[RunningHub]:
    prepare_sqlite(folder)
    async with open_hub(quick_settings(folder, server.url)) as hub:
        yield RunningHub(hub)


async def test_jobs_run_one_after_another_and_the_worker_is_seen(running_hub: RunningHub) -> None:
    account = await running_hub.account()
    async with serving(running_hub):
        for number in range(3):
            await running_hub.order(account, f"say 0.1 {number}")
        await running_hub.until_all("completed")
        assert await running_hub.hub.queue.live_workers("speak") == 1
    assert await running_hub.hub.queue.live_workers("speak") == 0
    assert running_hub.started == ["say 0.1 0", "say 0.1 1", "say 0.1 2"]


async def test_a_worker_that_rests_looks_seldom_and_still_takes_what_comes(
    own_valkey: Valkey, tmp_path: Path, prepare_sqlite: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_RESTS", ((0.5, 1), (math.inf, 10)))
    async with hub_on(own_valkey, tmp_path, prepare_sqlite) as running, serving(running):
        account = await running.account()
        await running.order(account, "say 0.1 first")
        await running.until_all("completed")
        redis = web_client(own_valkey.url)
        looks = []
        for _ in range(2):
            before = await _asked(redis, _LOOK)
            await asyncio.sleep(0.4)
            looks.append(await _asked(redis, _LOOK) - before)
            await asyncio.sleep(0.4)
        await redis.aclose(close_connection_pool=True)
        assert looks[1] < looks[0] / 2, looks
        await running.order(account, "say 0.1 second")
        await running.until_all("completed")
        assert running.started == ["say 0.1 first", "say 0.1 second"]


async def test_looks_ask_nothing_about_what_the_worker_is_doing_itself(
    own_valkey: Valkey, tmp_path: Path, prepare_sqlite: Prepare
) -> None:
    async with hub_on(own_valkey, tmp_path, prepare_sqlite) as running, serving(running, at_once=2):
        long = await running.order(await running.account(), "say 1.5")
        await running.until(long, "processing")
        redis = web_client(own_valkey.url)
        looks, asked = await _asked(redis, _LOOK), await _asked(redis, _TAKE)
        await asyncio.sleep(0.5)
        assert await _asked(redis, _LOOK) - looks > 3
        assert await _asked(redis, _TAKE) == asked
        await redis.aclose(close_connection_pool=True)
        await running.until(long, "completed")


_LOOK, _TAKE = "zrangebyscore", "watch"


async def _asked(redis: ArqRedis, command: str) -> int:
    stats = await redis.info("commandstats")
    return int(stats[f"cmdstat_{command}"]["calls"])


async def test_a_job_longer_than_its_lease_is_not_started_twice(running_hub: RunningHub) -> None:
    account = await running_hub.account()
    async with serving(running_hub), serving(running_hub):
        generation_id = await running_hub.order(account, "say 3")
        await running_hub.until(generation_id, "completed")
    assert running_hub.started == ["say 3"]


async def test_stopping_gives_back_what_outlasts_the_grace(running_hub: RunningHub) -> None:
    async with serving(running_hub, grace=0.2) as service:
        generation_id = await running_hub.order(await running_hub.account(), "say 30")
        await running_hub.until(generation_id, "processing")
        began = time.monotonic()
        service.stop()
    assert time.monotonic() - began < 4
    row = await running_hub.row(generation_id)
    assert (row.status, row.tries) == ("queued", 0)


async def test_an_idle_worker_stops_at_once(running_hub: RunningHub) -> None:
    async with serving(running_hub) as service:
        await asyncio.sleep(0.5)
        began = time.monotonic()
        service.stop()
    assert time.monotonic() - began < 1


async def test_a_job_that_could_not_be_taken_leaves_its_slot_free(
    own_valkey: Valkey, tmp_path: Path, prepare_sqlite: Prepare, caplog: pytest.LogCaptureFixture
) -> None:
    """ARQ counts the job as running, and then the server refuses what taking it needs."""
    async with hub_on(own_valkey, tmp_path, prepare_sqlite) as running:
        generation_id = await running.order(await running.account(), "say 0.1")
        own_valkey.allow("watch", False)
        async with serving(running, client=web_client):
            await eventually(lambda: _true("waiting for it" in caplog.text))
            await asyncio.sleep(1)
            assert running.started == []
            own_valkey.allow("watch", True)
            await running.until(generation_id, "completed", 10)


async def test_an_outage_is_waited_out(
    own_valkey: Valkey, tmp_path: Path, prepare_sqlite: Prepare, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with hub_on(own_valkey, tmp_path, prepare_sqlite) as running, serving(running, client=web_client):
        account = await running.account()
        own_valkey.stop()
        generation_id = await running.order(account, "say 0.1")
        await eventually(lambda: _true("waiting for it" in caplog.text))
        await asyncio.sleep(1.2)  # it looks again, and says nothing twice
        own_valkey.start()
        await running.until(generation_id, "completed")
    assert caplog.text.count("waiting for it") == 1
    assert caplog.text.count("the queue is back") == 1


async def test_a_worker_that_breaks_is_not_kept_alive(running_hub: RunningHub) -> None:
    async def broken(context: dict[Any, Any]) -> None:
        """Never called."""

    class Broken(LeaseWorker):
        async def _poll_iteration(self) -> None:
            raise RuntimeError("a fault nobody foresaw")

    url = running_hub.hub.settings.redis_url
    worker = Broken(broken, kind=SPEAK, redis=worker_client(url), name="x", lease=2.0, max_jobs=1)
    with pytest.raises(RuntimeError, match="nobody foresaw"):
        await Service(running_hub.hub, worker, interrupt=lambda: None).run()
    assert await running_hub.hub.queue.live_workers("speak") == 0


async def test_the_sweeper_outlives_a_round_that_fails(
    running_hub: RunningHub, caplog: pytest.LogCaptureFixture
) -> None:
    walked: list[str] = []

    async def failing(hub: Hub) -> None:
        walked.append("failing")
        raise ValueError("spoken words")

    async def working(hub: Hub) -> None:
        walked.append("working")

    stop = asyncio.Event()
    sweeping = asyncio.create_task(sweep_on(running_hub.hub, stop, [failing, working]))
    await eventually(lambda: _true(len(walked) >= 4))
    stop.set()
    await sweeping
    assert walked[:4] == ["failing", "working"] * 2
    assert "ValueError at test_service.py" in caplog.text
    assert "spoken words" not in caplog.text


async def test_a_rare_round_is_not_walked_each_time(running_hub: RunningHub) -> None:
    walked: list[str] = []

    async def often(hub: Hub) -> None:
        walked.append("often")

    async def rarely(hub: Hub) -> None:
        walked.append("rarely")

    stop = asyncio.Event()
    sweeping = asyncio.create_task(sweep_on(running_hub.hub, stop, [often], [rarely], timedelta()))
    await eventually(lambda: _true(len(walked) >= 4))
    stop.set()
    await sweeping
    assert walked[:4] == ["often", "rarely", "often", "often"]


async def _true(value: bool) -> bool:
    return value
