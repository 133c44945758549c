"""Outgoing messages, written in the transaction that ends a job: neither exists without the other."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from hub.connections import finished
from hub.store.tables import Delivery, Generation
from hub.webhooks.announcing import announce


async def write(session: AsyncSession, generation: Generation, now: datetime) -> list[str]:
    """What the end of a job sends out: to its callback, to the account's endpoints, and back to the platform
    it came from. Returns the new deliveries and pushes, to be enqueued."""
    event = f"generation.{generation.status}"
    return [
        *await _to_callback(session, generation, event, now),
        *await announce(
            session, account_id=generation.account_id, event=event, generation_id=generation.id, now=now
        ),
        *await finished.write(session, generation, now),
    ]


async def _to_callback(session: AsyncSession, generation: Generation, event: str, now: datetime) -> list[str]:
    if not generation.callback_url:
        return []
    delivery = Delivery(
        id=str(uuid4()),
        account_id=generation.account_id,
        generation_id=generation.id,
        url=generation.callback_url,
        event=event,
        payload={},
        status="waiting",
        next_at=now,
        created_at=now,
    )
    session.add(delivery)
    await session.flush()
    return [delivery.id]
