"""Telling an account's endpoints, in the transaction of what they are told: neither exists alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.store.connection_tables import WebhookEndpoint
from hub.store.tables import Delivery


async def announce(
    session: AsyncSession,
    *,
    account_id: str,
    event: str,
    now: datetime,
    data: Mapping[str, Any] | None = None,
    generation_id: str | None = None,
) -> list[str]:
    """One delivery for each endpoint that wants `event`; returns the new ids, to be enqueued.

    `data` is what the message says, or it is the status of `generation_id` at the first try. Messages to an
    endpoint that is switched off count as failed: once it is on again, its owner may have them sent.
    """
    chosen = select(WebhookEndpoint).where(WebhookEndpoint.account_id == account_id)
    wanted = [row for row in await session.scalars(chosen) if event in row.events]
    deliveries = [
        delivery_to(endpoint, event, now, data=data, generation_id=generation_id) for endpoint in wanted
    ]
    session.add_all(deliveries)
    if deliveries:
        await session.flush()
    return [delivery.id for delivery in deliveries if delivery.status == "waiting"]


def delivery_to(
    endpoint: WebhookEndpoint,
    event: str,
    now: datetime,
    *,
    data: Mapping[str, Any] | None = None,
    generation_id: str | None = None,
) -> Delivery:
    return Delivery(
        id=str(uuid4()),
        account_id=endpoint.account_id,
        generation_id=generation_id,
        endpoint_id=endpoint.id,
        url=endpoint.url,
        event=event,
        payload=dict(data or {}),
        status="waiting" if endpoint.disabled_at is None else "failed",
        next_at=now,
        created_at=now,
    )
