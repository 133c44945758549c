"""One attempt at a job: how it ends in the record, whatever the engine does."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text as sql

from connectors.values import SpeechOrder
from hub import jobs
from hub.hub import Hub
from hub.settings import Settings
from hub.store.tables import Generation
from hub.worker.speaking import SpeakJob
from hub.worker.utterance import SpeakingThreads
from tests.hub.jobs.orders import order
from tests.hub.jobs.test_long_text import flac, long_order
from tests.hub.running import RunningHub, eventually, quick_settings
from tests.hub.worker.speakers import ScriptedSpeaker


def job_of(running: RunningHub, **given: Any) -> SpeakJob:
    thread = SpeakingThreads(ScriptedSpeaker(running.journal), 1)
    return SpeakJob(running.hub, thread, **{"stuck": pytest.fail, **given})


async def spoken(running: RunningHub, text: str) -> Generation:
    generation_id = await running.order(await running.account(), text)
    await job_of(running).run({"job_id": generation_id})
    return await running.row(generation_id)


async def again(running: RunningHub, generation_id: str) -> Generation:
    """Another try, as soon as the pause after the last one is over."""
    job = job_of(running)

    async def taken() -> bool:
        before = (await running.row(generation_id)).run
        await job.run({"job_id": generation_id})
        return (await running.row(generation_id)).run > before

    await eventually(taken)
    return await running.row(generation_id)


async def test_a_spoken_job_keeps_its_audio_and_spends_its_credits(running_hub: RunningHub) -> None:
    account = await running_hub.account(credits=500)
    generation_id = await running_hub.order(account, "say 0.1")
    await job_of(running_hub).run({"job_id": generation_id})
    row = await running_hub.row(generation_id)
    assert (row.status, row.progress, row.engine) == ("completed", 1.0, "scripted")
    assert row.audio_key is not None
    assert (await running_hub.hub.blobs.get(row.audio_key)).startswith(b"RIFF")
    assert await running_hub.balance(account) == (950, 0)


async def test_an_ended_or_unknown_job_is_left_alone(running_hub: RunningHub) -> None:
    row = await spoken(running_hub, "say 0.1")
    job = job_of(running_hub)
    await job.run({"job_id": row.id})
    await job.run({"job_id": "nobody"})
    assert running_hub.started == ["say 0.1"]


@pytest.mark.parametrize(
    ("text", "code", "retried"),
    [
        ("mumble", "nothing_to_speak", False),
        ("crackle", "audio_defective", True),
        ("burst", "engine_failed", True),
        ("swell", "out_of_memory", True),
    ],
)
async def test_each_failure_has_its_code(
    running_hub: RunningHub, text: str, code: str, retried: bool
) -> None:
    row = await spoken(running_hub, text)
    assert row.status == ("queued" if retried else "failed")
    if not retried:
        assert row.error_code == code
        assert row.error_message == "There is nothing to speak in this text."


async def test_a_fault_that_does_not_pass_fails_after_three_tries(running_hub: RunningHub) -> None:
    account = await running_hub.account(credits=500)
    generation_id = await running_hub.order(account, "burst secret text")
    await job_of(running_hub).run({"job_id": generation_id})
    async with running_hub.hub.database.transaction() as session:
        row = await session.get(Generation, generation_id)
        assert row is not None
        row.not_before, row.tries = None, 2
    row = await again(running_hub, generation_id)
    assert (row.status, row.error_code) == ("failed", "engine_failed")
    assert row.error_message == "The speech engine stopped unexpectedly."
    assert await running_hub.balance(account) == (1000, 0)


async def test_the_log_does_not_hold_the_text(
    running_hub: RunningHub, caplog: pytest.LogCaptureFixture
) -> None:
    await spoken(running_hub, "burst 0 my secret words")
    assert "ValueError at speakers.py" in caplog.text
    assert "secret" not in caplog.text


async def test_progress_and_signs_of_life_reach_the_record(running_hub: RunningHub) -> None:
    generation_id = await running_hub.order(await running_hub.account(), "say 1.5")
    running = asyncio.create_task(job_of(running_hub).run({"job_id": generation_id}))

    async def halfway() -> bool:
        return (await running_hub.row(generation_id)).progress > 0.3

    await eventually(halfway)
    row = await running_hub.row(generation_id)
    assert row.status == "processing"
    assert row.beat_at is not None
    assert row.started_at is not None
    assert row.beat_at > row.started_at
    await running


async def test_a_cancelled_job_stops_and_keeps_nothing(running_hub: RunningHub) -> None:
    account = await running_hub.account(credits=500)
    generation_id = await running_hub.order(account, "say 15")
    running = asyncio.create_task(job_of(running_hub).run({"job_id": generation_id}))
    await running_hub.until(generation_id, "processing")
    await jobs.cancel(running_hub.hub, account, generation_id)
    await asyncio.wait_for(running, 3)
    row = await running_hub.row(generation_id)
    assert (row.status, row.audio_key) == ("cancelled", None)
    assert await running_hub.balance(account) == (1000, 0)
    folder = running_hub.hub.settings.data / "audio"
    assert not [path for path in folder.rglob("*") if path.is_file()]


async def test_a_job_over_its_time_is_stopped_and_waits_for_another_try(
    running_hub: RunningHub,
) -> None:
    settings = quick_settings(running_hub.hub.settings.data, "", job_timeout=0.3)
    hurried = RunningHub(_with_settings(running_hub, settings))
    row = await asyncio.wait_for(spoken(hurried, "say 15"), 3)
    assert (row.status, row.tries) == ("queued", 1)


async def test_an_engine_that_does_not_stop_is_reported(running_hub: RunningHub) -> None:
    settings = quick_settings(running_hub.hub.settings.data, "", job_timeout=0.2)
    hurried = RunningHub(_with_settings(running_hub, settings))
    generation_id = await hurried.order(await hurried.account(), "hang 2")
    reported: list[str] = []
    job = job_of(hurried, stuck=lambda: reported.append("stuck"), stuck_seconds=0.2)
    await job.run({"job_id": generation_id})
    assert reported == ["stuck"]
    assert (await hurried.row(generation_id)).status == "queued"


async def test_a_job_that_is_interrupted_goes_back_without_losing_a_try(running_hub: RunningHub) -> None:
    generation_id = await running_hub.order(await running_hub.account(), "say 15")
    job = job_of(running_hub)
    job.interrupt()
    running = asyncio.create_task(job.run({"job_id": generation_id}))
    await running_hub.until(generation_id, "processing")
    await asyncio.sleep(0.2)
    job.interrupt()
    await asyncio.wait_for(running, 3)
    row = await running_hub.row(generation_id)
    assert (row.status, row.tries, row.run) == ("queued", 0, 1)


async def test_audio_that_cannot_be_stored_is_a_failed_try(running_hub: RunningHub) -> None:
    folder = running_hub.hub.settings.data / "audio"
    generation_id = await running_hub.order(await running_hub.account(), "say 0.1")
    shutil.rmtree(folder)
    folder.write_text("a file where the folder should be")
    await job_of(running_hub).run({"job_id": generation_id})
    row = await running_hub.row(generation_id)
    assert (row.status, row.tries, row.audio_key) == ("queued", 1, None)


@pytest.mark.parametrize("what", [order(reference=b"a recording"), long_order()], ids=["recording", "part"])
async def test_a_file_that_is_gone_fails_the_job_at_once_and_costs_nothing(
    running_hub: RunningHub, what: SpeechOrder
) -> None:
    hub, account = running_hub.hub, await running_hub.account(credits=500)
    accepted = (await jobs.accept(hub, what, account_id=account)).generation
    assert accepted is not None
    for _ in what.parts:
        part = await jobs.claim(hub, accepted.id)
        assert part is not None
        assert await jobs.complete_part(hub, part, flac())
    for file in (hub.settings.data / "audio").rglob("*"):
        if file.is_file():
            file.unlink()
    await job_of(running_hub).run({"job_id": accepted.id})
    row = await running_hub.row(accepted.id)
    assert (row.status, row.error_code, row.run) == ("failed", "file_lost", len(what.parts) + 1)
    assert await running_hub.balance(account) == (1000, 0)


async def test_a_record_that_is_away_leaves_the_job_to_the_sweeper(
    running_hub: RunningHub, caplog: pytest.LogCaptureFixture
) -> None:
    generation_id = await running_hub.order(await running_hub.account(), "say 0.1")
    job = job_of(running_hub)
    async with running_hub.hub.database.transaction() as session:
        await session.execute(sql("ALTER TABLE generations RENAME TO hidden"))
    await job.run({"job_id": generation_id})
    assert "left to the sweeper: OperationalError" in caplog.text
    assert running_hub.started == []


def _with_settings(running: RunningHub, settings: Settings) -> Hub:
    return replace(running.hub, settings=settings)
