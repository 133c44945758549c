"""Outgoing messages, written in the transaction that ends a job: neither exists without the other."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from hub.store.tables import Delivery, Generation


async def write(session: AsyncSession, generation: Generation, now: datetime) -> list[str]:
    """One delivery to the job's callback URL, if it has one; returns the new ids."""
    if not generation.callback_url:
        return []
    delivery = Delivery(
        id=str(uuid4()),
        account_id=generation.account_id,
        generation_id=generation.id,
        url=generation.callback_url,
        event=f"generation.{generation.status}",
        payload={},
        status="waiting",
        next_at=now,
        created_at=now,
    )
    session.add(delivery)
    await session.flush()
    return [delivery.id]
