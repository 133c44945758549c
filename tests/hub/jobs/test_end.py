from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import select

from hub.errors import Conflict, NotFound
from hub.hub import Hub
from hub.jobs import Claim, cancel, claim, complete, erase, fail, find
from hub.store.blobs import BlobMissing
from hub.store.database import Database
from hub.store.tables import Account, Delivery, Generation
from tests.hub.conftest import Clock, LostQueue
from tests.hub.jobs.orders import accepted, claimed, order, speech
from tests.hub.jobs.test_accept import files
from tests.hub.money.test_ledger import balance

CALLBACK = "https://example.com/done"


async def row(hub: Hub, account: Account, generation_id: str) -> Generation:
    async with hub.database.reading() as session:
        return await find(session, account.id, generation_id)


async def events(hub: Hub) -> list[str]:
    async with hub.database.reading() as session:
        return list(await session.scalars(select(Delivery.event)))


async def test_completion_keeps_audio_spends_credits_and_writes_the_callback(
    store_hub: Hub, account: Account, tmp_path: Path
) -> None:
    taken = await claimed(store_hub, account, order(reference=b"sound", callback=CALLBACK))
    spoken = speech()
    assert len(await complete(store_hub, taken, spoken)) == 1
    done = await row(store_hub, account, taken.id)
    assert (done.status, done.progress, done.spoken_seed) == ("completed", 1.0, 7)
    assert done.audio_key is not None
    assert await store_hub.blobs.get(done.audio_key) == spoken.audio
    assert len(files(tmp_path)) == 1, "the reference has served and is gone"
    assert await balance(store_hub, account) == (400, 0)
    assert await events(store_hub) == ["generation.completed"]


async def test_completing_twice_changes_nothing(store_hub: Hub, account: Account, tmp_path: Path) -> None:
    taken = await claimed(store_hub, account, order(callback=CALLBACK))
    await complete(store_hub, taken, speech())
    assert await complete(store_hub, taken, speech(0.7)) == []
    assert (await row(store_hub, account, taken.id)).duration_seconds == 0.5
    assert await balance(store_hub, account) == (450, 0)
    assert await events(store_hub) == ["generation.completed"]


async def test_a_worker_that_lost_its_job_cannot_finish_it(
    store_hub: Hub, account: Account, clock: Clock, tmp_path: Path
) -> None:
    lost = await claimed(store_hub, account)
    clock.advance(60)
    current = await claim(store_hub, lost.id)
    assert current is not None
    assert await complete(store_hub, lost, speech(0.9)) == []
    assert await fail(store_hub, lost, code="x", message="late", retryable=False) == []
    assert files(tmp_path) == []
    await complete(store_hub, current, speech(0.5))
    assert (await row(store_hub, account, lost.id)).duration_seconds == 0.5
    assert await balance(store_hub, account) == (450, 0)


async def test_a_passing_fault_is_tried_three_times_then_fails_and_costs_nothing(
    store_hub: Hub, account: Account, clock: Clock
) -> None:
    generation = await accepted(store_hub, account, order(callback=CALLBACK))
    for tries in (1, 2, 3):
        taken = await claim(store_hub, generation.id)
        assert taken is not None
        assert taken.tries == tries
        assert (await row(store_hub, account, taken.id)).status == "processing"
        await fail(store_hub, taken, code="engine_error", message="Bad luck.", retryable=True)
        assert await claim(store_hub, generation.id) is None, "the next try has to wait"
        clock.advance(11)
    failed = await row(store_hub, account, generation.id)
    assert (failed.status, failed.error_code, failed.error_message) == ("failed", "engine_error", "Bad luck.")
    assert await balance(store_hub, account) == (500, 0)
    assert await events(store_hub) == ["generation.failed"]


async def test_a_final_fault_is_not_tried_again(store_hub: Hub, account: Account) -> None:
    taken = await claimed(store_hub, account)
    await fail(store_hub, taken, code="nothing_to_speak", message="Nothing.", retryable=False)
    assert (await row(store_hub, account, taken.id)).status == "failed"
    assert await balance(store_hub, account) == (500, 0)


@pytest.mark.parametrize("running", [False, True])
async def test_cancelling_gives_the_credits_back(
    store_hub: Hub, account: Account, queue: LostQueue, running: bool, tmp_path: Path
) -> None:
    what = order(reference=b"sound", callback=CALLBACK)
    generation = await accepted(store_hub, account, what)
    taken = await claim(store_hub, generation.id) if running else None
    cancelled = await cancel(store_hub, account.id, generation.id)
    assert cancelled.status == "cancelled"
    assert (await cancel(store_hub, account.id, generation.id)).status == "cancelled"
    if taken is not None:
        assert await complete(store_hub, taken, speech()) == []
    assert await balance(store_hub, account) == (500, 0)
    assert await events(store_hub) == ["generation.cancelled"]
    assert len(queue.deliveries) == 1
    assert files(tmp_path) == []


async def killed_before_it_told(hub: Hub, taken: Claim) -> None:
    """The worker dies when its audio is stored and nothing of it is in the record."""
    with pytest.raises(ConnectionError):
        await complete(replace(hub, database=_Away()), taken, speech())


class _Away(Database):
    def __init__(self) -> None:
        pass

    def transaction(self) -> NoReturn:
        raise ConnectionError


@pytest.mark.parametrize("end", [cancel, erase])
async def test_audio_of_a_worker_that_was_killed_goes_with_the_job(
    store_hub: Hub, account: Account, end: Callable[[Hub, str, str], Awaitable[object]], tmp_path: Path
) -> None:
    taken = await claimed(store_hub, account)
    await killed_before_it_told(store_hub, taken)
    assert len(files(tmp_path)) == 1
    await end(store_hub, account.id, taken.id)
    assert files(tmp_path) == []


async def test_audio_of_a_worker_that_was_killed_goes_when_another_speaks_the_text(
    store_hub: Hub, account: Account, clock: Clock, tmp_path: Path
) -> None:
    taken = await claimed(store_hub, account)
    await killed_before_it_told(store_hub, taken)
    clock.advance(31)
    again = await claim(store_hub, taken.id)
    assert again is not None
    await complete(store_hub, again, speech())
    assert [path.name for path in files(tmp_path)] == ["2.wav"]


async def test_what_has_ended_cannot_be_cancelled(store_hub: Hub, account: Account) -> None:
    taken = await claimed(store_hub, account)
    await complete(store_hub, taken, speech())
    with pytest.raises(Conflict, match="completed already"):
        await cancel(store_hub, account.id, taken.id)


async def test_erasing_removes_text_and_audio_and_keeps_the_bill(
    store_hub: Hub, account: Account, tmp_path: Path
) -> None:
    taken = await claimed(store_hub, account, order("My secret words."))
    await complete(store_hub, taken, speech())
    key = (await row(store_hub, account, taken.id)).audio_key
    assert key is not None
    await erase(store_hub, account.id, taken.id)
    with pytest.raises(NotFound, match="Generation not found"):
        await row(store_hub, account, taken.id)
    with pytest.raises(NotFound):
        await erase(store_hub, account.id, taken.id)
    with pytest.raises(BlobMissing):
        await store_hub.blobs.get(key)
    assert files(tmp_path) == []
    async with store_hub.database.reading() as session:
        kept = await session.get_one(Generation, taken.id)
        assert (kept.text, kept.words, kept.sender_metadata) == ("", [], {})
    assert await balance(store_hub, account) == (450, 0)


async def test_erasing_an_open_job_cancels_it(store_hub: Hub, account: Account, tmp_path: Path) -> None:
    generation = await accepted(store_hub, account, order(reference=b"sound"))
    await erase(store_hub, account.id, generation.id)
    assert await claim(store_hub, generation.id) is None
    assert await balance(store_hub, account) == (500, 0)
    assert files(tmp_path) == []


async def test_another_accounts_job_is_not_found(store_hub: Hub, account: Account) -> None:
    generation = await accepted(store_hub, account)
    for act in (cancel, erase):
        with pytest.raises(NotFound, match="Generation not found"):
            await act(store_hub, "somebody-else", generation.id)
    assert (await row(store_hub, account, generation.id)).status == "queued"
