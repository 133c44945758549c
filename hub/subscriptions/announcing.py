"""Telling hooks of the end of a job, in the transaction that ends it: neither exists alone."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.store.connection_tables import InboundEvent
from hub.store.hook_tables import HookSubscription
from hub.store.tables import Delivery, Generation

PREVIEW: Final = "design"
"""The source of a preview of a voice."""

TEST_ORIGIN: Final = "test"


async def write(session: AsyncSession, generation: Generation, event: str, now: datetime) -> list[str]:
    """One delivery for each hook that wants to hear of it; returns the new ids, to be enqueued.

    A preview of a voice and a connection's test are heard by whoever asked for them, and start no scenario.
    """
    if generation.source == PREVIEW:
        return []
    chosen = select(HookSubscription).where(
        HookSubscription.account_id == generation.account_id,
        or_(HookSubscription.mode.is_(None), HookSubscription.mode == generation.mode),
        or_(HookSubscription.voice_id.is_(None), HookSubscription.voice_id == generation.voice_id),
    )
    hooks = [hook for hook in await session.scalars(chosen) if event in hook.events]
    if hooks:
        read_by, is_test = await _read(session, generation.id)
        hooks = [hook for hook in hooks if hook.connection_id in (None, *read_by)] if not is_test else []
    deliveries = [delivery_to(hook, event, now, generation_id=generation.id) for hook in hooks]
    session.add_all(deliveries)
    if deliveries:
        await session.flush()
    return [delivery.id for delivery in deliveries]


def delivery_to(
    hook: HookSubscription, event: str, now: datetime, *, generation_id: str | None = None
) -> Delivery:
    return Delivery(
        id=str(uuid4()),
        account_id=hook.account_id,
        generation_id=generation_id,
        hook_id=hook.id,
        flat=True,
        url=hook.target_url,
        event=event,
        payload={},
        status="waiting",
        next_at=now,
        created_at=now,
    )


async def _read(session: AsyncSession, generation_id: str) -> tuple[set[str], bool]:
    """The connections that read the generation's text, and whether they did so in a test."""
    chosen = select(InboundEvent.connection_id, InboundEvent.origin)
    rows = (await session.execute(chosen.where(InboundEvent.generation_id == generation_id))).all()
    return {connection for connection, _ in rows}, any(origin == TEST_ORIGIN for _, origin in rows)
