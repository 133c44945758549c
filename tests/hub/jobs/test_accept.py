from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hub.errors import Conflict, InsufficientCredits, ServerBusy
from hub.hub import Hub
from hub.jobs import Acceptance, Once, accept
from hub.store.idempotency import StoredAnswer
from hub.store.tables import Account, Generation, IdempotencyRecord
from tests.hub.conftest import Clock, LostQueue
from tests.hub.jobs.orders import accepted, order
from tests.hub.money.test_ledger import balance


async def count(hub: Hub, table: type[Generation] | type[IdempotencyRecord]) -> int:
    async with hub.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


def files(folder: Path) -> list[Path]:
    return [path for path in (folder / "audio").rglob("*") if path.is_file()]


async def test_an_order_becomes_a_queued_row_a_hold_and_a_queue_entry(
    store_hub: Hub, account: Account, queue: LostQueue
) -> None:
    generation = await accepted(store_hub, account)
    assert generation.status == "queued"
    assert generation.sender_metadata == {"sku": 7}
    assert queue.speech == [generation.id]
    assert await balance(store_hub, account) == (450, 50)


async def test_a_clone_costs_more_and_keeps_its_reference(
    store_hub: Hub, account: Account, tmp_path: Path
) -> None:
    generation = await accepted(store_hub, account, order(reference=b"sound"))
    assert generation.mode == "clone"
    assert await balance(store_hub, account) == (400, 100)
    assert [path.read_bytes() for path in files(tmp_path)] == [b"sound"]


async def test_an_order_beyond_the_balance_leaves_nothing(
    store_hub: Hub, account: Account, queue: LostQueue, tmp_path: Path
) -> None:
    for _ in range(5):
        await accepted(store_hub, account, order(reference=b"sound"))
    with pytest.raises(InsufficientCredits, match="costs 100 and 0 are left"):
        await accept(store_hub, order(reference=b"more"), account_id=account.id)
    assert await count(store_hub, Generation) == len(queue.speech) == len(files(tmp_path)) == 5


async def test_a_full_queue_refuses_and_charges_nothing(store_hub: Hub, account: Account) -> None:
    narrow = replace(store_hub, settings=store_hub.settings.model_copy(update={"queue_limit": 2}))
    for _ in range(2):
        await accepted(narrow, account)
    with pytest.raises(ServerBusy) as refusal:
        await accept(narrow, order(), account_id=account.id)
    assert int(refusal.value.headers["Retry-After"]) > 0
    assert await balance(narrow, account) == (400, 100)


def once(key: str, fingerprint: str = "f") -> Once:
    return Once(key, fingerprint, lambda generation: StoredAnswer(202, {}, {"id": generation.id}))


async def test_the_same_key_twice_is_one_job_and_one_charge(store_hub: Hub, account: Account) -> None:
    first = await accept(store_hub, order(), account_id=account.id, once=once("k"))
    second = await accept(store_hub, order(), account_id=account.id, once=once("k"))
    assert first.generation is not None
    assert second == Acceptance(None, StoredAnswer(202, {}, {"id": first.generation.id}))
    assert await balance(store_hub, account) == (450, 50)


async def test_twenty_parallel_requests_with_one_key_are_one_job(
    store_hub: Hub, account: Account, tmp_path: Path
) -> None:
    answers = await asyncio.gather(
        *(accept(store_hub, order(reference=b"r"), account_id=account.id, once=once("k")) for _ in range(20))
    )
    ids = {a.generation.id if a.generation else a.replay and a.replay.body["id"] for a in answers}
    assert len(ids) == 1
    assert await count(store_hub, Generation) == await count(store_hub, IdempotencyRecord) == 1
    assert len(files(tmp_path)) == 1
    assert await balance(store_hub, account) == (400, 100)


async def test_a_key_with_another_request_is_a_conflict(store_hub: Hub, account: Account) -> None:
    await accept(store_hub, order(), account_id=account.id, once=once("k"))
    with pytest.raises(Conflict, match="Idempotency-Key was used with a different request"):
        await accept(store_hub, order("Else."), account_id=account.id, once=once("k", "g"))
    assert await balance(store_hub, account) == (450, 50)


async def test_a_key_is_free_again_after_a_day(store_hub: Hub, account: Account, clock: Clock) -> None:
    await accept(store_hub, order(), account_id=account.id, once=once("k"))
    clock.advance(24 * 3600)
    later = await accept(store_hub, order("Else."), account_id=account.id, once=once("k", "g"))
    assert later.generation is not None
    assert await count(store_hub, Generation) == 2
    assert await count(store_hub, IdempotencyRecord) == 1
