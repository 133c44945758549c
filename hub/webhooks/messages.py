"""The messages of an endpoint: what was sent, what it met, and sending it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.errors import Conflict, NotFound
from hub.hub import Hub
from hub.store.connection_tables import WebhookEndpoint
from hub.store.tables import Delivery, DeliveryAttempt
from hub.webhooks.announcing import delivery_to
from hub.webhooks.endpoints import find_endpoint
from hub.webhooks.events import TEST

MOST_REPLAYED: Final = 1000


@dataclass(frozen=True, slots=True)
class Sent:
    delivery: Delivery
    attempts: Sequence[DeliveryAttempt]


async def newest(
    session: AsyncSession, endpoint: WebhookEndpoint, *, limit: int = 50, status: str | None = None
) -> Sequence[Sent]:
    """Newest first, each with its attempts, oldest first."""
    chosen = select(Delivery).where(Delivery.endpoint_id == endpoint.id)
    if status is not None:
        chosen = chosen.where(Delivery.status == status)
    ordered = chosen.order_by(Delivery.created_at.desc(), Delivery.id).limit(limit)
    deliveries = (await session.scalars(ordered)).all()
    attempts: dict[str, list[DeliveryAttempt]] = {delivery.id: [] for delivery in deliveries}
    made = select(DeliveryAttempt).where(DeliveryAttempt.delivery_id.in_(attempts))
    for attempt in await session.scalars(made.order_by(DeliveryAttempt.id)):
        attempts[attempt.delivery_id].append(attempt)
    return [Sent(delivery, attempts[delivery.id]) for delivery in deliveries]


async def send_test(hub: Hub, account_id: str, endpoint_id: str) -> Delivery:
    """A `webhook.test` message. Raises Conflict while the endpoint is switched off."""
    async with hub.database.transaction() as session:
        endpoint = await find_endpoint(session, account_id, endpoint_id)
        _refuse_switched_off(endpoint)
        data: Mapping[str, str] = {"message": "Hello from Sayhook.", "webhook_id": endpoint.id}
        delivery = delivery_to(endpoint, TEST, hub.now(), data=data)
        session.add(delivery)
    await hub.queue.enqueue_delivery(delivery.id, None)
    return delivery


async def replay_one(hub: Hub, account_id: str, endpoint_id: str, delivery_id: str) -> int:
    """Send a message again with its own id and bytes, whatever became of it. Raises NotFound."""
    async with hub.database.transaction() as session:
        endpoint = await find_endpoint(session, account_id, endpoint_id)
        _refuse_switched_off(endpoint)
        delivery = await session.get(Delivery, delivery_id, with_for_update=True)
        if delivery is None or delivery.endpoint_id != endpoint.id:
            raise NotFound("Message not found", code="message_not_found")
        _send_again(delivery, endpoint, hub.now())
    await hub.queue.enqueue_delivery(delivery.id, None)
    return 1


async def replay_since(
    hub: Hub,
    account_id: str,
    endpoint_id: str,
    since: datetime,
    until: datetime | None = None,
    *,
    only_failed: bool = True,
) -> int:
    """The same for all messages of a time, oldest first, MOST_REPLAYED at most; returns how many."""
    async with hub.database.transaction() as session:
        endpoint = await find_endpoint(session, account_id, endpoint_id)
        _refuse_switched_off(endpoint)
        chosen = select(Delivery).where(
            Delivery.endpoint_id == endpoint.id,
            Delivery.created_at >= since,
            Delivery.created_at <= (until or hub.now()),
            Delivery.status.in_(["failed"] if only_failed else ["failed", "delivered"]),
        )
        ordered = chosen.order_by(Delivery.created_at).limit(MOST_REPLAYED).with_for_update()
        deliveries = (await session.scalars(ordered)).all()
        for delivery in deliveries:
            _send_again(delivery, endpoint, hub.now())
    for delivery in deliveries:
        await hub.queue.enqueue_delivery(delivery.id, None)
    return len(deliveries)


def _send_again(delivery: Delivery, endpoint: WebhookEndpoint, now: datetime) -> None:
    if delivery.status == "waiting":
        delivery.next_at = min(delivery.next_at, now)
        return
    delivery.url = endpoint.url
    delivery.status = "waiting"
    delivery.attempts = 0
    delivery.next_at = now


def _refuse_switched_off(endpoint: WebhookEndpoint) -> None:
    if endpoint.disabled_at is not None:
        raise Conflict("The webhook is switched off; switch it on first.", code="webhook_disabled")
