"""The sweeper: the database reminds the queue of what it forgot.

Run every few seconds by any number of processes; each step may be repeated without harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.values import MAX_TEXT_CHARACTERS
from hub.hub import Hub
from hub.jobs.end import end_without_audio
from hub.jobs.erase import drop_files
from hub.jobs.leftovers import drop_leftovers
from hub.jobs.states import MAX_TRIES, Status
from hub.store import idempotency
from hub.store.tables import Generation

_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class SweepReport:
    """How many jobs were put back, given up and re-enqueued, how many erased ones lost their files, and how
    many had waited for too long."""

    put_back: int
    given_up: int
    enqueued: int
    files_dropped: int
    expired: int


async def sweep(hub: Hub) -> SweepReport:
    put_back, given_up, deliveries = await _take_from_the_dead(hub)
    expired, more = await _end_forgotten(hub)
    for delivery in (*deliveries, *more):
        await hub.queue.enqueue_delivery(delivery, not_before=None)
    for generation in given_up:
        await drop_leftovers(hub, generation)
    return SweepReport(put_back, len(given_up), await _remind_queue(hub), await _drop_erased(hub), expired)


async def _take_from_the_dead(hub: Hub) -> tuple[int, list[Generation], list[str]]:
    """Jobs whose worker fell silent wait again, or fail when their tries are used up."""
    deliveries: list[str] = []
    given_up: list[Generation] = []
    put_back = 0
    async with hub.database.transaction() as session:
        now = hub.now()
        await idempotency.forget_old(session, now)
        for generation in await _silent(session, now, hub.settings.lease):
            if generation.tries < MAX_TRIES:
                generation.status = Status.QUEUED
                put_back += 1
                continue
            message = f"The worker stopped {MAX_TRIES} times while speaking this text. You were not charged."
            deliveries += await end_without_audio(
                session, generation, Status.FAILED, now, "worker_lost", message
            )
            given_up.append(generation)
    return put_back, given_up, deliveries


async def _end_forgotten(hub: Hub) -> tuple[int, list[str]]:
    """Jobs that no worker came for end: their credits must not be held for ever."""
    now, hours = hub.now(), hub.settings.waiting_limit
    since = func.coalesce(Generation.started_at, Generation.created_at)
    late = (Generation.status == Status.QUEUED, since <= now - timedelta(hours=hours))
    async with hub.database.reading() as session:
        if not await session.scalar(select(exists().where(*late))):
            return 0, []
    deliveries: list[str] = []
    async with hub.database.transaction() as session:
        chosen = select(Generation).where(*late).limit(_AT_MOST).with_for_update(skip_locked=True)
        ended = (await session.scalars(chosen)).all()
        for generation in ended:
            message = f"It was not spoken within {hours:g} hours. You were not charged."
            deliveries += await end_without_audio(session, generation, Status.FAILED, now, "expired", message)
    for generation in ended:
        await drop_leftovers(hub, generation)
    return len(ended), deliveries


async def _silent(session: AsyncSession, now: datetime, lease: float) -> list[Generation]:
    chosen = (
        select(Generation)
        .where(
            Generation.status == Status.PROCESSING,
            or_(Generation.beat_at.is_(None), Generation.beat_at <= now - timedelta(seconds=lease)),
        )
        .limit(_AT_MOST)
        .with_for_update(skip_locked=True)
    )
    return list(await session.scalars(chosen))


async def _remind_queue(hub: Hub) -> int:
    """Enqueue what should be waiting, accounts in turn; the queue ignores what it has already."""
    now = hub.now()
    turn = func.row_number().over(partition_by=Generation.account_id, order_by=Generation.created_at)
    missed = now - timedelta(seconds=hub.settings.sweep_interval)
    async with hub.database.reading() as session:
        waiting = await session.execute(
            select(Generation.id, Generation.account_id, func.length(Generation.text))
            .where(Generation.status == Status.QUEUED, Generation.created_at <= missed)
            .where(or_(Generation.not_before.is_(None), Generation.not_before <= now))
            .order_by(turn, Generation.created_at)
            .limit(_AT_MOST)
        )
        rows = waiting.all()
    enqueued = 0
    for generation_id, account_id, length in rows:
        # Of a long text one part is queued at a time.
        cost = min(length, MAX_TEXT_CHARACTERS)
        enqueued += await hub.queue.enqueue_speech(generation_id, account_id, cost=cost)
    return enqueued


async def _drop_erased(hub: Hub) -> int:
    async with hub.database.reading() as session:
        has_files = or_(Generation.audio_key.is_not(None), Generation.reference_key.is_not(None))
        chosen = select(Generation).where(Generation.deleted_at.is_not(None), has_files)
        erased = (await session.scalars(chosen.limit(_AT_MOST))).all()
    for generation in erased:
        await drop_files(hub, generation)
    return len(erased)
