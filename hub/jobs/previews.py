"""Several takes of one order for one price: the first of them holds the credits for all.

The first take that is completed spends them; they come back only when every take ended without audio.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.jobs.states import OPEN, Status
from hub.money import release, settle
from hub.store.tables import Generation


def preview_id(leader_id: str, number: int) -> str:
    """The id of the take with this number; number 0 is the leader itself."""
    return str(uuid5(UUID(leader_id), f"preview {number}")) if number else leader_id


async def spend(session: AsyncSession, generation: Generation, now: datetime) -> None:
    """Settle the price of a completed generation, once for all takes of an order."""
    leader = await _leader_of(session, generation)
    if leader is not generation and leader.status in (Status.FAILED, Status.CANCELLED):
        _hand_price(leader, generation)
    await settle(session, generation_id=leader.id, now=now)


async def give_back(session: AsyncSession, generation: Generation, note: str, now: datetime) -> None:
    """Release the price of a generation that ended without audio, unless another take still needs it."""
    leader = await _leader_of(session, generation)
    others = await _others(session, generation)
    if any(other.status == Status.COMPLETED for other in others):
        completed = next(other for other in others if other.status == Status.COMPLETED)
        _hand_price(generation, completed)
    elif not any(other.status in OPEN for other in others):
        await release(session, generation_id=leader.id, note=note, now=now)


def _hand_price(giver: Generation, taker: Generation) -> None:
    """The price is shown at a take that has audio."""
    if giver.price:
        taker.price, giver.price = giver.price, 0


async def _leader_of(session: AsyncSession, generation: Generation) -> Generation:
    """Locked, so that of two takes that end at once the later one sees the earlier."""
    if generation.charged_with in (None, generation.id):
        return generation
    await session.flush()
    leader = await session.get(Generation, generation.charged_with, with_for_update=True)
    assert leader is not None, "generations are erased in place"
    return leader


async def _others(session: AsyncSession, generation: Generation) -> list[Generation]:
    if generation.charged_with is None:
        return []
    chosen = select(Generation).where(
        Generation.charged_with == generation.charged_with, Generation.id != generation.id
    )
    return list(await session.scalars(chosen.execution_options(populate_existing=True)))
