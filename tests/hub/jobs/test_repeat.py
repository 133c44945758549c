"""What an administrator may order again from the record alone, and what only its owner can."""

from __future__ import annotations

import pytest

from hub.accounts import audit
from hub.errors import Conflict, NotFound
from hub.hub import Hub
from hub.jobs import claim, erase, fail
from hub.jobs.repeat import failed_jobs, repeat
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
