"""Ordering a generation once more: the same words in the same voice."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from connectors.values import SpeechOrder
from engine.values import AudioFormat, SpeechRequest
from hub.accounts import audit
from hub.errors import Conflict, NotFound
from hub.hub import Hub
from hub.jobs.accept import Once, accept
from hub.jobs.states import Status
from hub.store.connection_tables import InboundEvent
from hub.store.idempotency import StoredAnswer
from hub.store.tables import Generation


async def failed_jobs(session: AsyncSession, most: int) -> Sequence[Generation]:
    """The newest failures that were not erased, of all accounts."""
    chosen = (
        select(Generation)
        .where(Generation.status == Status.FAILED, Generation.deleted_at.is_(None))
        .order_by(Generation.completed_at.desc(), Generation.id)
        .limit(most)
    )
    return (await session.scalars(chosen)).all()


async def repeat(hub: Hub, generation_id: str, *, actor: str, once: str = "") -> Generation:
    """A new generation with the same words, voice and callback; its price is held again.

    It stands in the audit log as the act of `actor`. Asked again with the same `once`, it is the first one's
    generation. Raises NotFound; Conflict for what the record alone cannot repeat: its words say who can.
    """
    failed = await _repeatable(hub, generation_id)

    async def note(session: AsyncSession, fresh: Generation) -> None:
        action, detail = "retried a job", f"as {fresh.id}"
        await audit.record(
            session, actor=actor, action=action, subject=failed.id, detail=detail, now=fresh.created_at
        )

    accepted = await accept(
        hub,
        order_again(failed),
        account_id=failed.account_id,
        api_key_id=failed.api_key_id,
        once=Once(f"retry:{once[:100]}:{failed.id}", failed.id, _answer) if once else None,
        beside=note,
    )
    if accepted.generation is not None:
        return accepted.generation
    assert accepted.replay is not None
    async with hub.database.reading() as session:
        return await session.get_one(Generation, accepted.replay.body["id"])


async def _repeatable(hub: Hub, generation_id: str) -> Generation:
    async with hub.database.reading() as session:
        failed = await session.get(Generation, generation_id)
        if failed is None or failed.deleted_at is not None:
            raise NotFound("Generation not found")
        event = exists().where(InboundEvent.generation_id == generation_id)
        if await session.scalar(select(event)):
            raise Conflict("It came from a connection: its owner replays the event there.")
    if failed.status != Status.FAILED:
        raise Conflict(f"The generation is {failed.status}, not failed.")
    if failed.reference_key or failed.parts_total:
        raise Conflict("A clone's recording and a long text's plan are gone: its owner must send it again.")
    return failed


def _answer(generation: Generation) -> StoredAnswer:
    return StoredAnswer(202, {}, {"id": generation.id})


def order_again(row: Generation) -> SpeechOrder:
    """All that decides what is heard of a short, designed one, and who is told.

    The recording of a clone and the plan of a long text are not in the record.
    """
    request = SpeechRequest(
        text=row.text,
        language=row.language,
        description=row.voice_description,
        cfg_value=row.cfg_value,
        inference_timesteps=row.inference_timesteps,
        seed=row.seed if row.spoken_seed is None else row.spoken_seed,
        instructions=row.instructions,
        speed=row.speed,
        format=AudioFormat(row.format),
    )
    return SpeechOrder(
        request,
        callback_url=row.callback_url,
        flat_callback=row.flat_callback,
        metadata=row.sender_metadata,
        source=row.source,
        voice_id=row.voice_id,
    )
