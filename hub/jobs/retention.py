"""Erasing what its owner did not want kept any longer.

An account keeps texts and audio for so many days, counted from when a generation was ordered, or not at all:
with zero retention one that failed or was cancelled is erased at the next round, and one that was spoken when
the life of its first link is over. What still waits to be delivered or pushed back waits for that, in both
cases. The events of connections, which hold the same words, are emptied by the same rule.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from hub.errors import NotFound
from hub.hub import Hub
from hub.jobs.erase import erase
from hub.jobs.states import OPEN, Status
from hub.store.connection_tables import ConnectionRecord, InboundEvent, Push
from hub.store.tables import Account, Delivery, Generation

_AT_MOST = 500
# States are named by what they are not: SQLite would go by their index, through all that ever was spoken.
_DELIVERED = ("delivered", "failed")
_PUSHED = ("pushed", "failed")


_WISHES = or_(Account.retention_days.is_not(None), Account.zero_retention)


async def sweep(hub: Hub) -> int:
    """Erases what is due; returns how many generations."""
    async with hub.database.reading() as session:
        if not await session.scalar(select(exists().where(_WISHES))):
            return 0
    due = await _due(hub)
    for account_id, generation_id in due:
        try:
            await erase(hub, account_id, generation_id)
        except NotFound:
            continue  # another process was first
    await _empty_events(hub)
    return len(due)


async def _empty_events(hub: Hub) -> None:
    now = hub.now()
    async with hub.database.reading() as session:
        over = await _over(session, now, InboundEvent.received_at, _zero_life(hub))
        chosen = (
            select(InboundEvent.id)
            .join(ConnectionRecord, ConnectionRecord.id == InboundEvent.connection_id)
            .join(Account, Account.id == ConnectionRecord.account_id)
            .where(ConnectionRecord.account_id.in_(select(Account.id).where(_WISHES)))
            .where(InboundEvent.verdict != "waiting", InboundEvent.payload != b"", over)
            .limit(_AT_MOST)
        )
        old = (await session.scalars(chosen)).all()
    if old:
        async with hub.database.transaction() as session:
            emptied = update(InboundEvent).where(InboundEvent.id.in_(old))
            await session.execute(emptied.values(payload=b"", headers={}))


def _zero_life(hub: Hub) -> timedelta:
    return timedelta(seconds=hub.settings.link_lifetime)


async def _over(
    session: AsyncSession, now: datetime, since: InstrumentedAttribute[datetime], zero_life: timedelta
) -> ColumnElement[bool]:
    """That a row's account keeps it no longer, by the column its age is counted from."""
    days = select(Account.retention_days).where(Account.retention_days.is_not(None)).distinct()
    over = [and_(Account.zero_retention, since <= now - zero_life)]
    for kept in await session.scalars(days):
        if kept is not None:
            over.append(and_(Account.retention_days == kept, since <= now - timedelta(days=kept)))
    return or_(*over)


async def _due(hub: Hub) -> list[tuple[str, str]]:
    async with hub.database.reading() as session:
        over = await _over(session, hub.now(), Generation.created_at, _zero_life(hub))
        silent = and_(Account.zero_retention, Generation.status != Status.COMPLETED)
        chosen = (
            select(Generation.account_id, Generation.id)
            .join(Account, Account.id == Generation.account_id)
            .where(Generation.account_id.in_(select(Account.id).where(_WISHES)))
            .where(Generation.deleted_at.is_(None), Generation.status.not_in(OPEN), or_(over, silent))
            .where(~_is_waited_for(), ~_is_young(hub))
            .limit(_AT_MOST)
        )
        return [(account_id, generation_id) for account_id, generation_id in await session.execute(chosen)]


def _is_waited_for() -> ColumnElement[bool]:
    delivery = exists().where(Delivery.generation_id == Generation.id, Delivery.status.not_in(_DELIVERED))
    push = exists().where(Push.generation_id == Generation.id, Push.status.not_in(_PUSHED))
    return or_(delivery, push)


def _is_young(hub: Hub) -> ColumnElement[bool]:
    """Spoken less than a link's life ago: whoever asked for it may still be fetching it."""
    return and_(Generation.status == Status.COMPLETED, Generation.completed_at > hub.now() - _zero_life(hub))
