"""What an administrator may order again from the record alone, and what only its owner can."""

from __future__ import annotations

import asyncio

import pytest

from connectors.values import SpeechOrder
from engine.values import AudioFormat, SpeechRequest
from hub.accounts import audit
from hub.errors import Conflict, NotFound
from hub.hub import Hub
from hub.jobs import claim, erase, fail
from hub.jobs.repeat import failed_jobs, order_again, repeat
from hub.store.connection_tables import ConnectionRecord, InboundEvent
from hub.store.tables import Account
from tests.hub.jobs.orders import accepted, order
from tests.hub.money.test_ledger import balance


async def failed(hub: Hub, account: Account, reference: bytes | None = None) -> str:
    generation = await accepted(hub, account, order("Once more.", reference=reference))
    taken = await claim(hub, generation.id)
    assert taken is not None
    await fail(hub, taken, code="engine_failed", message="It broke.", retryable=False)
    return generation.id


async def test_the_same_words_are_held_and_queued_again(store_hub: Hub, account: Account) -> None:
    before = await failed(store_hub, account)
    fresh = await repeat(store_hub, before, actor="root@example.com")
    assert (fresh.status, fresh.text, fresh.sender_metadata) == ("queued", "Once more.", {"sku": 7})
    assert await balance(store_hub, account) == (450, 50)
    async with store_hub.database.reading() as session:
        assert [job.id for job in await failed_jobs(session, 10)] == [before]
        (act,) = await audit.newest(session, 10)
    assert (act.actor, act.action, act.subject) == ("root@example.com", "retried a job", before)
    assert act.detail == f"as {fresh.id}"


async def test_all_that_decides_what_is_heard_is_ordered_again(store_hub: Hub, account: Account) -> None:
    request = SpeechRequest(
        "Once more.", "en", "A calm woman", seed=7, instructions="Whisper.", speed=1.5, format=AudioFormat.MP3
    )
    first = SpeechOrder(
        request,
        callback_url="https://shop.example/cb",
        flat_callback=True,
        metadata={"sku": 7},
        source="openai",
        voice_id="7a9cfd3e-1f5c-4a2f-9a53-0d4b1f0a7d11",
    )
    before = await accepted(store_hub, account, first)
    assert order_again(before) == first


async def test_asked_twice_it_is_ordered_once(store_hub: Hub, account: Account) -> None:
    before = await failed(store_hub, account)
    asked = [repeat(store_hub, before, actor="root@example.com", once="form-1") for _ in range(3)]
    assert len({fresh.id for fresh in await asyncio.gather(*asked)}) == 1
    assert await balance(store_hub, account) == (450, 50)
    async with store_hub.database.reading() as session:
        assert len(await audit.newest(session, 10)) == 1


async def test_what_only_its_owner_can_repeat_is_refused(store_hub: Hub, account: Account) -> None:
    clone, pushed = await failed(store_hub, account, b"RIFF"), await failed(store_hub, account)
    now = store_hub.now()
    async with store_hub.database.transaction() as session:
        session.add(
            ConnectionRecord(
                id="c", account_id=account.id, connector="shop", name="Shop", credentials="", hook_secrets="",
                options={}, status="live", created_at=now,
            )
        )  # fmt: skip
        await session.flush()
        session.add(
            InboundEvent(
                id="e", connection_id="c", delivery_id="e", payload=b"", headers={}, verdict="spoken",
                generation_id=pushed, received_at=now,
            )
        )  # fmt: skip
    with pytest.raises(Conflict, match="its owner must send it again"):
        await repeat(store_hub, clone, actor="root@example.com")
    with pytest.raises(Conflict, match="replays the event"):
        await repeat(store_hub, pushed, actor="root@example.com")
    await erase(store_hub, account.id, clone)
    with pytest.raises(NotFound):
        await repeat(store_hub, clone, actor="root@example.com")
    assert await balance(store_hub, account) == (500, 0)
    async with store_hub.database.reading() as session:
        assert not await audit.newest(session, 10)
