"""A long text goes through the worker part by part, shares the queue with others, and survives a kill."""

from __future__ import annotations

import io
import os
import signal

import soundfile

from connectors.values import SpeechOrder
from engine.longform import plan, read_script
from engine.values import SpeechRequest
from hub import jobs
from tests.hub.running import RunningHub, eventually

TEXT = "say 0.4 one\n\nsay 0.4 two\n\nsay 0.4 three\n\nsay 0.4 four"


async def long_order(running: RunningHub, account: str, text: str = TEXT) -> str:
    order = SpeechOrder(SpeechRequest(text), parts=tuple(plan(read_script(text))))
    accepted = await jobs.accept(running.hub, order, account_id=account)
    assert accepted.generation is not None
    return accepted.generation.id


async def test_the_parts_are_spoken_in_order_and_joined(running_hub: RunningHub) -> None:
    account = await running_hub.account(credits=500)
    generation_id = await long_order(running_hub, account)
    seen: list[float] = []
    with running_hub.worker():

        async def done() -> bool:
            row = await running_hub.row(generation_id)
            seen.append(row.progress)
            return row.status == "completed"

        await eventually(done)
    assert running_hub.started == TEXT.split("\n\n")
    row = await running_hub.row(generation_id)
    assert (row.engine, row.spoken_language, row.format) == ("scripted", "en", "wav")
    assert row.audio_key is not None
    audio = await running_hub.hub.blobs.get(row.audio_key)
    assert soundfile.info(io.BytesIO(audio)).duration > 4 * 0.4
    assert seen == sorted(seen), "progress never falls"
    assert len(set(seen)) > 4
    assert await running_hub.balance(account) == (1000 - 4 * 50, 0)


async def test_another_accounts_job_is_spoken_between_two_parts(running_hub: RunningHub) -> None:
    reader = await running_hub.account("reader@example.com")
    other = await running_hub.account("other@example.com")
    generation_id = await long_order(running_hub, reader)
    with running_hub.worker():
        await running_hub.until(generation_id, "processing")
        short = await running_hub.order(other, "say 0.1 short")
        await running_hub.until(short, "completed")
        assert (await running_hub.row(generation_id)).status != "completed"
        await running_hub.until(generation_id, "completed")


async def test_a_killed_worker_costs_the_part_it_was_speaking(running_hub: RunningHub) -> None:
    account = await running_hub.account()
    generation_id = await long_order(running_hub, account, TEXT.replace("0.4", "0.8"))
    with running_hub.worker() as doomed:
        await eventually(lambda: _true(len(running_hub.started) == 3))
        os.kill(doomed.pid, signal.SIGKILL)
    with running_hub.worker():
        await running_hub.until(generation_id, "completed")
    spoken = [text.split()[-1] for text in running_hub.started]
    assert spoken == ["one", "two", "three", "three", "four"]


async def _true(value: bool) -> bool:
    return value
