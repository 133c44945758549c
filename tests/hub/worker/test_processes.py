"""Worker processes that are killed, stopped and robbed of their queue: every job still ends once."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from hub.hub import open_hub
from hub.supervised import SUPERVISOR
from hub.worker.speak import MODEL_MISSING, STUCK
from tests.databases import Prepare
from tests.hub.running import ROOT, RunningHub, eventually, quick_settings, worker_environment
from tests.hub.worker.forked import Forked
from tests.valkey import Valkey, running_valkey

SECONDS_AWAY = 1.0
"""How long a queue stays away. A worker may ask in vain for half a minute before its log says so."""


async def alive(running: RunningHub, count: int, kind: str = "speak") -> None:
    async def counted() -> bool:
        return await running.hub.queue.live_workers("speak" if kind == "speak" else "deliver") == count

    await eventually(counted)


async def ended(process: Forked, seconds: float = 15.0) -> int:
    return await asyncio.to_thread(process.wait, seconds)


async def test_a_lone_job_of_one_account_goes_before_a_hundred_of_another(
    running_hub: RunningHub,
) -> None:
    big, small = await running_hub.account("big@example.com"), await running_hub.account("small@example.com")
    for number in range(100):
        await running_hub.order(big, f"say 0.1 {number}")
    with running_hub.worker():
        await eventually(lambda: _true(len(running_hub.started) >= 2))
        lone = await running_hub.order(small, "say 0.1 lone")
        before = len(running_hub.started)
        await running_hub.until(lone, "completed")
    assert running_hub.started.index("say 0.1 lone") <= before


async def test_a_killed_workers_job_is_finished_once_by_another(running_hub: RunningHub) -> None:
    account = await running_hub.account(credits=500)
    generation_id = await running_hub.order(account, "say 1.5")
    with running_hub.worker() as first, running_hub.worker():
        await alive(running_hub, 2)
        await eventually(lambda: _true(len(running_hub.started) == 1))
        victim = int(running_hub.journal.read_text().split()[0])
        killed_at = time.monotonic()
        os.kill(victim, signal.SIGKILL)
        await running_hub.until(generation_id, "completed")
        taken = time.monotonic() - killed_at
        assert first.poll() in (None, -signal.SIGKILL)
    lease = running_hub.hub.settings.lease
    assert taken < 2 * lease + 1.5 + 10, "two leases, the speaking, and a slow machine"
    assert running_hub.started == ["say 1.5", "say 1.5"]
    assert (await running_hub.row(generation_id)).run == 2
    assert await running_hub.balance(account) == (950, 0)
    files = [path for path in (running_hub.hub.settings.data / "audio").rglob("*") if path.is_file()]
    assert len(files) == 1


async def test_a_text_that_kills_its_worker_fails_after_three_tries(
    tmp_path: Path, redis_url: str, prepare_sqlite: Prepare
) -> None:
    prepare_sqlite(tmp_path)
    async with open_hub(quick_settings(tmp_path, redis_url, lease=0.5)) as hub:
        running = RunningHub(hub)
        account = await running.account(credits=500)
        poison = await running.order(account, "die")
        healthy = await running.order(account, "say 0.1")
        async with asyncio.timeout(60):
            while (await running.row(poison)).status != "failed":
                with running.worker() as process:
                    await _dead_or_failed(running, process, poison)
        row = await running.row(poison)
        assert (row.tries, row.error_code) == (3, "worker_lost")
        assert running.started.count("die") == 3
        with running.worker():
            await running.until(healthy, "completed")
        assert await running.balance(account) == (950, 0)


async def test_a_queue_that_is_restarted_loses_nothing(tmp_path: Path, prepare_sqlite: Prepare) -> None:
    with running_valkey(tmp_path / "valkey") as server:
        prepare_sqlite(tmp_path)
        async with open_hub(quick_settings(tmp_path, server.url)) as hub:
            running = RunningHub(hub)
            account = await running.account()
            texts = [f"say 0.3 {number}" for number in range(5)]
            for text in texts:
                await running.order(account, text)
            with running.worker() as process:
                await eventually(lambda: _true(len(running.started) >= 2))
                server.stop()
                late = await running.order(account, "say 0.1 late")
                await asyncio.sleep(SECONDS_AWAY)
                server.start()
                await running.until(late, "completed")
                await running.until_all("completed")
                assert process.poll() is None
    assert Counter(running.started) == Counter([*texts, "say 0.1 late"])


async def test_a_flushed_queue_is_filled_again_from_the_record(
    running_hub: RunningHub, shared_valkey: Valkey
) -> None:
    account = await running_hub.account()
    texts = [f"say 0.3 {number}" for number in range(6)]
    for text in texts:
        await running_hub.order(account, text)
    with running_hub.worker():
        await eventually(lambda: _true(len(running_hub.started) >= 2))
        shared_valkey.flush()
        await running_hub.until_all("completed")
    assert Counter(running_hub.started) == Counter(texts)


async def test_a_worker_told_to_stop_finishes_its_job_and_starts_no_other(running_hub: RunningHub) -> None:
    account = await running_hub.account()
    first = await running_hub.order(account, "say 1.5 first")
    second = await running_hub.order(account, "say 0.1 second")
    with running_hub.worker() as stopping:
        await running_hub.until(first, "processing")
        stopping.send_signal(signal.SIGTERM)
        assert await ended(stopping) == 0
    assert (await running_hub.row(first)).status == "completed"
    assert (await running_hub.row(second)).status == "queued"
    assert await running_hub.hub.queue.live_workers("speak") == 0
    with running_hub.worker():
        await running_hub.until(second, "completed")
    assert running_hub.started == ["say 1.5 first", "say 0.1 second"]


async def test_a_job_longer_than_the_grace_goes_back_to_the_queue(running_hub: RunningHub) -> None:
    generation_id = await running_hub.order(await running_hub.account(), "say 15")
    with running_hub.worker(grace=0.5) as stopping:
        await running_hub.until(generation_id, "processing")
        stopping.send_signal(signal.SIGTERM)
        assert await ended(stopping, 5) == 0
    row = await running_hub.row(generation_id)
    assert (row.status, row.tries) == ("queued", 0)
    assert await running_hub.hub.queue.depth("speak") == 1


async def test_an_engine_that_does_not_listen_cannot_hold_the_process(running_hub: RunningHub) -> None:
    generation_id = await running_hub.order(await running_hub.account(), "hang 60")
    with running_hub.worker(grace=0.2) as stopping:
        await running_hub.until(generation_id, "processing")
        stopping.send_signal(signal.SIGTERM)
        assert await ended(stopping) == 0


async def test_an_engine_that_never_stops_gets_a_new_process(
    tmp_path: Path, redis_url: str, prepare_sqlite: Prepare
) -> None:
    prepare_sqlite(tmp_path)
    async with open_hub(quick_settings(tmp_path, redis_url, job_timeout=0.5)) as hub:
        running = RunningHub(hub)
        generation_id = await running.order(await running.account(), "hang 60")
        with running.worker() as process:
            assert await ended(process, 20) == STUCK
        row = await running.row(generation_id)
        assert (row.status, row.tries) == ("queued", 1)


async def test_one_process_speaks_as_many_texts_at_once_as_it_is_set_to(
    tmp_path: Path, redis_url: str, prepare_sqlite: Prepare
) -> None:
    prepare_sqlite(tmp_path)
    async with open_hub(quick_settings(tmp_path, redis_url, speak_at_once=2)) as hub:
        running = RunningHub(hub)
        account = await running.account()
        texts = ["say 15 one", "say 15 two", "say 15 three"]
        ids = [await running.order(account, text) for text in texts]
        with running.worker(grace=0.2) as process:
            await eventually(lambda: _true(len(running.started) == 2))
            await asyncio.sleep(0.5)
            assert len(running.started) == 2
            process.send_signal(signal.SIGTERM)
            assert await ended(process, 13) == 0, "before the texts have been said"
        rows = [await running.row(generation_id) for generation_id in ids]
    assert [(row.status, row.tries) for row in rows] == [("queued", 0)] * 3, "both were asked to stop"


async def test_a_second_signal_ends_the_process_at_once(running_hub: RunningHub) -> None:
    generation_id = await running_hub.order(await running_hub.account(), "say 15")
    with running_hub.worker() as process:
        await running_hub.until(generation_id, "processing")
        process.send_signal(signal.SIGINT)
        await asyncio.sleep(0.3)
        process.send_signal(signal.SIGINT)
        assert await ended(process, 2) == 128 + signal.SIGINT


async def test_a_worker_waits_for_a_queue_that_is_not_up_yet(tmp_path: Path, prepare_sqlite: Prepare) -> None:
    with running_valkey(tmp_path / "valkey") as server:
        server.stop()
        prepare_sqlite(tmp_path)
        async with open_hub(quick_settings(tmp_path, server.url)) as hub:
            running = RunningHub(hub)
            generation_id = await running.order(await running.account(), "say 0.1")
            with running.worker() as process:
                await asyncio.sleep(SECONDS_AWAY)
                assert process.poll() is None
                server.start()
                await running.until(generation_id, "completed")


async def test_a_worker_stops_at_once_while_its_queue_is_away(
    tmp_path: Path, prepare_sqlite: Prepare
) -> None:
    with running_valkey(tmp_path / "valkey") as server:
        prepare_sqlite(tmp_path)
        async with open_hub(quick_settings(tmp_path, server.url)) as hub:
            running = RunningHub(hub)
            with running.worker() as process:
                await alive(running, 1)
                server.stop()
                await asyncio.sleep(SECONDS_AWAY)
                process.send_signal(signal.SIGTERM)
                assert await ended(process) == 0
                server.start()


async def test_a_worker_ends_with_its_supervisor(running_hub: RunningHub) -> None:
    """The supervisor here is a shell that starts a worker, tells its id, and is killed."""
    supervising = (
        "import os, subprocess, sys\n"
        "command = [sys.executable, '-m', 'tests.hub.worker.process', 'speak']\n"
        f"worker = subprocess.Popen(command, env={{**os.environ, {SUPERVISOR!r}: str(os.getpid())}})\n"
        "print(worker.pid, flush=True)\n"
        "worker.wait()\n"
    )
    own = worker_environment(running_hub.hub.settings, running_hub.journal)
    supervisor = subprocess.Popen(
        [sys.executable, "-c", supervising], cwd=ROOT, env={**os.environ, **own}, stdout=subprocess.PIPE
    )
    assert supervisor.stdout is not None
    worker = int(supervisor.stdout.readline())
    await alive(running_hub, 1)
    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()
    await alive(running_hub, 0)

    async def gone() -> bool:
        return not _is_running(worker)

    await eventually(gone, 10)


async def test_missing_voices_are_said_in_one_sentence(running_hub: RunningHub, tmp_path: Path) -> None:
    command = "from hub.settings import Settings; from hub.worker import run_speak; run_speak(Settings())"
    environment = {
        **os.environ,
        "SAYHOOK_DATA": str(tmp_path),
        "SAYHOOK_MODELS": str(tmp_path / "nothing"),
        "SAYHOOK_REDIS_URL": running_hub.hub.settings.redis_url,
    }
    finished = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", command], cwd=ROOT, env=environment, capture_output=True
    )
    assert finished.returncode == MODEL_MISSING
    said = finished.stderr.decode().strip()
    assert "\n" not in said
    assert "sayhook" in said


@pytest.mark.parametrize("kind", ["speak", "deliver"])
async def test_a_worker_without_any_queue_says_how_to_start_one(tmp_path: Path, kind: str) -> None:
    command = [sys.executable, "-m", "hub", "worker", "--queue", kind]
    environment = {**os.environ, "SAYHOOK_DATA": str(tmp_path)}
    finished = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, env=environment, capture_output=True
    )
    assert finished.returncode == 1
    assert "sayhook serve" in finished.stderr.decode()
    assert "Traceback" not in finished.stderr.decode()


async def _true(value: bool) -> bool:
    return value


async def _dead_or_failed(running: RunningHub, process: Forked, generation_id: str) -> None:
    async def either() -> bool:
        return process.poll() is not None or (await running.row(generation_id)).status == "failed"

    await eventually(either)


def _is_running(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
