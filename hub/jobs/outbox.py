"""Outgoing messages, written in the transaction that ends a job: neither exists without the other."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from hub.connections import finished
from hub.jobs.states import ENDED
from hub.store.tables import Delivery, Generation
from hub.subscriptions import announcing as hooks
from hub.webhooks.announcing import announce


async def write(session: AsyncSession, generation: Generation, now: datetime) -> list[str]:
    """What the end of a job sends out: to its callback, to the account's endpoints and hooks, and back to the
    platform it came from. Returns the new deliveries and pushes, to be enqueued."""
    event = f"generation.{generation.status}"
    return [
        *await _to_callback(session, generation, event, now),
        *await announce(
            session, account_id=generation.account_id, event=event, generation_id=generation.id, now=now
        ),
        *await hooks.write(session, generation, event, now),
        *await finished.write(session, generation, now),
    ]


async def _to_callback(session: AsyncSession, generation: Generation, event: str, now: datetime) -> list[str]:
    if not generation.callback_url:
        return []
    delivery = _callback_of(generation, event, now)
    session.add(delivery)
    await session.flush()
    return [delivery.id]


async def call_back(session: AsyncSession, generation: Generation, url: str, now: datetime) -> list[str]:
    """Register a flat callback for a job that has none, or has this one; one that has ended calls at once.

    Returns the new deliveries, to be enqueued.
    """
    if generation.callback_url is not None:
        return []
    generation.callback_url, generation.flat_callback = url, True
    if generation.status not in ENDED:
        return []
    return await _to_callback(session, generation, f"generation.{generation.status}", now)


def _callback_of(generation: Generation, event: str, now: datetime) -> Delivery:
    return Delivery(
        id=str(uuid4()),
        account_id=generation.account_id,
        generation_id=generation.id,
        flat=generation.flat_callback,
        url=generation.callback_url,
        event=event,
        payload={},
        status="waiting",
        next_at=now,
        created_at=now,
    )
