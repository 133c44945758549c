"""Callbacks from the end of a job to the receiver: signed, fresh, once, and again when refused."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import standardwebhooks
from sqlalchemy import select
from sqlalchemy import text as sql

from hub import deliveries, jobs
from hub.accounts import find_account
from hub.deliveries.sending import DeliverJob
from hub.hub import Hub
from hub.links import check_audio_link
from hub.secrets import Secrets
from hub.store.tables import Delivery, DeliveryAttempt, Generation
from tests.hub.receiver import Receiver, running_receiver
from tests.hub.running import RunningHub, eventually
from tests.hub.worker.speakers import scripted_speech
from webhooks.circuit import Rules
from webhooks.guard import open_client, policy_for
from webhooks.traffic import Traffic


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as receiver:
        yield receiver


async def completed(running: RunningHub, url: str) -> tuple[str, str]:
    """A finished job with a callback: its id and its delivery's."""
    generation_id = await running.order(await running.account(), "say 0.1", url)
    claim = await jobs.claim(running.hub, generation_id)
    assert claim is not None
    (delivery_id,) = await jobs.complete(running.hub, claim, scripted_speech(claim.request, 0.1))
    return generation_id, delivery_id


async def cancelled(running: RunningHub, account: str, url: str) -> str:
    """A job that was cancelled before it began, and its delivery."""
    generation_id = await running.order(account, "say 0.1", url)
    await jobs.cancel(running.hub, account, generation_id)
    chosen = select(Delivery.id).where(Delivery.generation_id == generation_id)
    async with running.hub.database.reading() as session:
        return (await session.scalars(chosen)).one()


async def attempt(hub: Hub, delivery_id: str) -> None:
    async with open_client(policy_for(allow_private=hub.settings.allow_private_callbacks)) as client:
        await DeliverJob(hub, client, uniform=lambda low, high: 1.0).run({"job_id": delivery_id})


async def row(hub: Hub, delivery_id: str) -> Delivery:
    async with hub.database.reading() as session:
        found = await session.get(Delivery, delivery_id)
        assert found is not None
        return found


async def logged(hub: Hub, delivery_id: str) -> list[DeliveryAttempt]:
    chosen = select(DeliveryAttempt).where(DeliveryAttempt.delivery_id == delivery_id)
    async with hub.database.reading() as session:
        return list(await session.scalars(chosen.order_by(DeliveryAttempt.id)))


async def test_the_callback_is_the_status_document_signed_by_the_accounts_secret(
    running_hub: RunningHub, receiver: Receiver
) -> None:
    hub = running_hub.hub
    generation_id, delivery_id = await completed(running_hub, receiver.url)
    await attempt(hub, delivery_id)
    (message,) = receiver.received
    async with hub.database.reading() as session:
        account = await find_account(session, (await row(hub, delivery_id)).account_id)
    standardwebhooks.Webhook(hub.secrets.decrypt(account.signing_secret)).verify(
        message.body, message.headers
    )
    assert message.headers["webhook-id"] == delivery_id
    assert message.headers["content-type"] == "application/json"
    document = message.document
    assert (document["id"], document["status"]) == (generation_id, "completed")
    assert document["metadata"] == {"sku": "A-1"}
    query = parse_qs(urlsplit(document["output_url"]).query)
    check_audio_link(
        hub.secrets,
        generation_id=generation_id,
        expires=query["expires"][0],
        signature=query["signature"][0],
        now=hub.now(),
    )
    sent = await row(hub, delivery_id)
    assert (sent.status, sent.attempts, sent.event) == ("delivered", 1, "generation.completed")
    (entry,) = await logged(hub, delivery_id)
    assert (entry.status, entry.error) == (200, None)


async def test_a_delivered_message_is_not_sent_again(running_hub: RunningHub, receiver: Receiver) -> None:
    _, delivery_id = await completed(running_hub, receiver.url)
    await attempt(running_hub.hub, delivery_id)
    await attempt(running_hub.hub, delivery_id)
    assert len(receiver.received) == 1
    assert await deliveries.sweep(running_hub.hub) == 0


async def test_a_refused_message_is_tried_again_at_its_time_with_a_fresh_link(
    running_hub: RunningHub, receiver: Receiver
) -> None:
    receiver.statuses = [500, 200]
    hub = running_hub.hub
    _, delivery_id = await completed(running_hub, receiver.url)
    await attempt(hub, delivery_id)
    first = await row(hub, delivery_id)
    assert (first.status, first.attempts, first.leased_until) == ("waiting", 1, None)
    assert 4 < (first.next_at - hub.now()).total_seconds() <= 5
    await attempt(hub, delivery_id)
    assert len(receiver.received) == 1  # not before its time

    later = replace(hub, now=lambda: datetime.now(UTC) + timedelta(seconds=6))
    assert await deliveries.sweep(later) == 1
    await attempt(later, delivery_id)
    assert (await row(hub, delivery_id)).status == "delivered"
    one, two = receiver.received
    assert one.headers["webhook-id"] == two.headers["webhook-id"]
    assert one.document["output_url"] != two.document["output_url"]
    assert [entry.status for entry in await logged(hub, delivery_id)] == [500, 200]
    assert (await logged(hub, delivery_id))[0].error == "The receiver answered 500."


async def test_a_receiver_that_is_gone_is_not_called_again(
    running_hub: RunningHub, receiver: Receiver
) -> None:
    receiver.statuses = [410]
    hub = running_hub.hub
    _, delivery_id = await completed(running_hub, receiver.url)
    await attempt(hub, delivery_id)
    assert (await row(hub, delivery_id)).status == "failed"
    await attempt(replace(hub, now=lambda: datetime.now(UTC) + timedelta(days=1)), delivery_id)
    assert len(receiver.received) == 1


async def test_tries_are_used_up_after_days_not_hours(running_hub: RunningHub, receiver: Receiver) -> None:
    receiver.statuses = [500]
    hub = running_hub.hub
    _, delivery_id = await completed(running_hub, receiver.url)
    ahead = timedelta()
    for _ in range(20):
        await attempt(replace(hub, now=lambda: datetime.now(UTC) + ahead), delivery_id)  # noqa: B023
        ahead += timedelta(hours=25)
    assert (await row(hub, delivery_id)).status == "failed"
    assert len(receiver.received) == 10
    assert len(await logged(hub, delivery_id)) == 10


async def test_a_private_address_is_refused_and_not_retried(
    running_hub: RunningHub, receiver: Receiver
) -> None:
    settings = running_hub.hub.settings.model_copy(update={"allow_private_callbacks": False})
    hub = replace(running_hub.hub, settings=settings)
    _, delivery_id = await completed(running_hub, receiver.url.replace("http:", "https:"))
    await attempt(hub, delivery_id)
    assert (await row(hub, delivery_id)).status == "failed"
    (entry,) = await logged(hub, delivery_id)
    assert entry.status is None
    assert entry.error
    assert receiver.received == []


async def test_a_signing_secret_no_key_opens_is_kept_for_another_try(
    running_hub: RunningHub, receiver: Receiver
) -> None:
    _, delivery_id = await completed(running_hub, receiver.url)
    await attempt(replace(running_hub.hub, secrets=Secrets(["another key" * 4])), delivery_id)
    assert (await row(running_hub.hub, delivery_id)).status == "waiting"
    (entry,) = await logged(running_hub.hub, delivery_id)
    assert entry.error
    assert "SAYHOOK_SECRET_KEY" in entry.error


async def test_an_erased_generation_is_told_of_without_its_audio(
    running_hub: RunningHub, receiver: Receiver
) -> None:
    generation_id, delivery_id = await completed(running_hub, receiver.url)
    account_id = (await running_hub.row(generation_id)).account_id
    await jobs.erase(running_hub.hub, account_id, generation_id)
    await attempt(running_hub.hub, delivery_id)
    assert receiver.received[0].document["output_url"] is None
    assert receiver.received[0].document["metadata"] == {}


async def test_a_generation_that_is_no_longer_recorded_ends_its_delivery(
    running_hub: RunningHub, receiver: Receiver
) -> None:
    _, delivery_id = await completed(running_hub, receiver.url)
    async with running_hub.hub.database.transaction() as session:
        delivery = await session.get(Delivery, delivery_id)
        assert delivery is not None
        delivery.generation_id = None
    await attempt(running_hub.hub, delivery_id)
    assert (await row(running_hub.hub, delivery_id)).status == "failed"
    assert receiver.received == []


async def test_a_host_that_is_down_is_left_alone_and_nothing_is_counted(
    running_hub: RunningHub, receiver: Receiver
) -> None:
    receiver.statuses = [500]
    hub = running_hub.hub
    account = await running_hub.account()
    ids = [await cancelled(running_hub, account, receiver.url) for _ in range(14)]
    async with open_client(policy_for(allow_private=True)) as client:
        job = DeliverJob(hub, client, traffic=Traffic(rules=Rules(calls=10)), uniform=lambda low, high: 1.0)
        contexts: list[dict[str, Any]] = [{"job_id": delivery_id} for delivery_id in ids]
        for context in contexts:
            await job.run(context)
        assert len(receiver.received) == 10
        rows = [await row(hub, delivery_id) for delivery_id in ids]
        assert [found.attempts for found in rows] == [1] * 10 + [0] * 4
        assert all("next_at" in context for context in contexts)
        assert (contexts[-1]["next_at"] - hub.now()).total_seconds() > 25
        await job.after(contexts[-1])
    assert await hub.queue.depth("deliver") == 14  # the cancellations had enqueued them already


async def test_a_slow_host_does_not_hold_up_another(running_hub: RunningHub, receiver: Receiver) -> None:
    account = await running_hub.account()
    with running_receiver() as slow:
        slow.seconds = 3.0
        with running_hub.worker("deliver"):
            for _ in range(60):
                await cancelled(running_hub, account, slow.url)
            await eventually(lambda: _true(bool(slow.received)))
            began = time.monotonic()
            await cancelled(running_hub, account, receiver.url)
            await eventually(lambda: _true(bool(receiver.received)))
            assert time.monotonic() - began < 2


async def test_a_message_that_cannot_be_made_uses_up_its_tries(
    running_hub: RunningHub, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    generation_id, delivery_id = await completed(running_hub, receiver.url)
    async with running_hub.hub.database.transaction() as session:
        generation = await session.get(Generation, generation_id)
        assert generation is not None
        generation.sender_metadata = {"ratio": math.nan}  # JSON knows no such number
    await attempt(running_hub.hub, delivery_id)
    assert receiver.received == []
    found = await row(running_hub.hub, delivery_id)
    assert (found.status, found.attempts) == ("waiting", 1)
    assert "could not be made: ValueError" in caplog.text


async def test_a_record_that_is_away_leaves_the_delivery_to_the_sweeper(
    running_hub: RunningHub, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    _, delivery_id = await completed(running_hub, receiver.url)
    async with running_hub.hub.database.transaction() as session:
        await session.execute(sql("ALTER TABLE deliveries RENAME TO hidden"))
    await attempt(running_hub.hub, delivery_id)
    assert "left to the sweeper: OperationalError" in caplog.text
    assert receiver.received == []


async def test_what_was_taken_is_recorded_also_when_the_record_was_away_for_a_moment(
    running_hub: RunningHub, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    _, delivery_id = await completed(running_hub, receiver.url)

    async def renamed(old: str, new: str) -> None:
        async with running_hub.hub.database.transaction() as session:
            await session.execute(sql(f"ALTER TABLE {old} RENAME TO {new}"))

    await renamed("delivery_attempts", "hidden")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(attempt(running_hub.hub, delivery_id))
        await eventually(lambda: _true("is recorded again: OperationalError" in caplog.text))
        await renamed("hidden", "delivery_attempts")
    assert (await row(running_hub.hub, delivery_id)).status == "delivered"
    assert len(receiver.received) == 1


@pytest.mark.parametrize(("text", "status"), [("say 0.1", "completed"), ("mumble", "failed")])
async def test_workers_deliver_the_end_of_a_job_once(
    running_hub: RunningHub, receiver: Receiver, text: str, status: str
) -> None:
    account = await running_hub.account()
    with running_hub.worker("speak"), running_hub.worker("deliver"):
        generation_id = await running_hub.order(account, text, receiver.url)
        await running_hub.until(generation_id, status)
        await eventually(lambda: _true(bool(receiver.received)))
        await asyncio.sleep(1.0)
    (message,) = receiver.received
    assert message.document["status"] == status
    if status == "failed":
        assert message.document["error"]["code"] == "nothing_to_speak"


async def test_a_cancelled_job_is_told(running_hub: RunningHub, receiver: Receiver) -> None:
    account = await running_hub.account()
    generation_id = await running_hub.order(account, "say 10", receiver.url)
    await jobs.cancel(running_hub.hub, account, generation_id)
    with running_hub.worker("deliver"):
        await eventually(lambda: _true(bool(receiver.received)))
    assert receiver.received[0].document["status"] == "cancelled"


async def test_a_delivery_written_while_the_queue_was_away_is_swept_up(
    running_hub: RunningHub, receiver: Receiver
) -> None:
    _, delivery_id = await completed(running_hub, receiver.url)
    with running_hub.worker("deliver"):

        async def delivered() -> bool:
            return (await row(running_hub.hub, delivery_id)).status == "delivered"

        await eventually(delivered)
    assert len(receiver.received) == 1


async def _true(value: bool) -> bool:
    return value
