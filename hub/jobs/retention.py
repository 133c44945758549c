"""Erasing what its owner did not want kept any longer.

An account keeps texts and audio for so many days, counted from when a generation was ordered, or not at all:
with zero retention one that failed or was cancelled is erased at the next round, and one that was spoken when
the life of its first link is over. What still waits to be delivered waits for that, in both cases.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.errors import NotFound
from hub.hub import Hub
from hub.jobs.erase import erase
from hub.jobs.states import ENDED, Status
from hub.store.tables import Account, Delivery, Generation

_AT_MOST = 500


async def sweep(hub: Hub) -> int:
    """Erases what is due; returns how many generations."""
    async with hub.database.reading() as session:
        due = await _due(session, hub.now(), timedelta(seconds=hub.settings.link_lifetime))
    for account_id, generation_id in due:
        try:
            await erase(hub, account_id, generation_id)
        except NotFound:
            continue  # another process was first
    return len(due)


async def _due(session: AsyncSession, now: datetime, link_life: timedelta) -> list[tuple[str, str]]:
    kept_days = select(Account.retention_days).where(Account.retention_days.is_not(None)).distinct()
    over = [_zero_retention(now, link_life)]
    over += [_older(now, days) for days in await session.scalars(kept_days) if days is not None]
    waiting = exists().where(Delivery.generation_id == Generation.id, Delivery.status == "waiting")
    chosen = (
        select(Generation.account_id, Generation.id)
        .join(Account, Account.id == Generation.account_id)
        .where(or_(Account.retention_days.is_not(None), Account.zero_retention))
        .where(Generation.deleted_at.is_(None), Generation.status.in_(ENDED), ~waiting, or_(*over))
        .limit(_AT_MOST)
    )
    return [(account_id, generation_id) for account_id, generation_id in await session.execute(chosen)]


def _older(now: datetime, days: int) -> ColumnElement[bool]:
    return and_(Account.retention_days == days, Generation.created_at <= now - timedelta(days=days))


def _zero_retention(now: datetime, link_life: timedelta) -> ColumnElement[bool]:
    silent = Generation.status != Status.COMPLETED
    return and_(Account.zero_retention, or_(silent, Generation.completed_at <= now - link_life))
