"""An account at its limit of jobs at one time: when one ends, its next one need not wait for the sweeper."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.values import MAX_TEXT_CHARACTERS
from hub.hub import Hub
from hub.jobs.states import Status
from hub.store.tables import Generation


async def call_next(hub: Hub, account_id: str) -> None:
    """Enqueue the oldest job that `claim` put off because the account had too many."""
    async with hub.database.reading() as session:  # so that an account without any costs no write
        if await _put_off(session, account_id) is None:
            return
    async with hub.database.transaction() as session:
        generation = await _put_off(session, account_id, for_update=True)
        if generation is None:
            return
        generation.not_before = None
    cost = min(len(generation.text), MAX_TEXT_CHARACTERS)
    await hub.queue.enqueue_speech(generation.id, account_id, cost=cost)


async def _put_off(session: AsyncSession, account_id: str, *, for_update: bool = False) -> Generation | None:
    """A job with tries behind it waits for its next one, which is not its account's doing."""
    chosen = (
        select(Generation)
        .where(
            Generation.account_id == account_id,
            Generation.status == Status.QUEUED,
            Generation.not_before.is_not(None),
            Generation.tries == 0,
        )
        .order_by(Generation.created_at, Generation.id)
        .limit(1)
    )
    if for_update:
        chosen = chosen.with_for_update(skip_locked=True)
    found: Generation | None = await session.scalar(chosen)
    return found
