"""How much one key may spend: a cap by the day and one by the month, both in UTC.

Asked in the accepting transaction after the hold, which has locked the account's row: two requests of one
key cannot both take what is left.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.errors import KeyCapReached
from hub.store.tables import ApiKey, Generation

_FREE = ("failed", "cancelled")
"""States of generations that cost nothing."""


async def refuse_beyond_cap(
    session: AsyncSession, *, key_id: str | None, credits: int, now: datetime
) -> None:
    """Raises KeyCapReached when the key's own generations and this one would cost more than it may spend."""
    key = await session.get(ApiKey, key_id) if key_id is not None else None
    if key is None:
        return
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    caps = (("day", key.credits_per_day, today), ("month", key.credits_per_month, today.replace(day=1)))
    for period, cap, since in caps:
        if cap is not None and await spent_by_key(session, key.id, since) + credits > cap:
            raise KeyCapReached(cap=cap, period=period)


async def spent_by_key(session: AsyncSession, key_id: str, since: datetime) -> int:
    """What the key's generations since then cost or will cost."""
    total = await session.scalar(
        select(func.sum(Generation.price)).where(
            Generation.api_key_id == key_id,
            Generation.created_at >= since,
            Generation.status.not_in(_FREE),
        )
    )
    return int(total or 0)
