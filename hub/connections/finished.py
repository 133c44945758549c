"""What the end of a job means for the target it was for, in the transaction that ends it."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.connections.jobs import push_job
from hub.store.connection_tables import Push, TargetRecord
from hub.store.tables import Generation


async def write(session: AsyncSession, generation: Generation, now: datetime) -> list[str]:
    """Let the target play its new audio and have it pushed; returns the push's job, to be enqueued.

    A target that was spoken anew meanwhile belongs to its newer job. One whose job brought nothing may be
    spoken again.
    """
    chosen = select(TargetRecord).where(TargetRecord.generation_id == generation.id).with_for_update()
    target = await session.scalar(chosen)
    if target is None:
        return []
    if generation.status != "completed":
        target.spoken_hash = target.audio_hash
        target.generation_id = target.audio_generation_id
        if not target.is_awaited or target.is_test:
            return []
        return [await order_push(session, target, generation.id, now, failure=_why(generation))]
    target.audio_generation_id = generation.id
    target.audio_hash = target.spoken_hash
    return [] if target.is_test else [await order_push(session, target, generation.id, now)]


def _why(generation: Generation) -> str:
    if generation.status == "cancelled":
        return "The speaking was cancelled in Sayhook."
    return f"Sayhook could not speak this text. {generation.error_message or ''}".rstrip()


async def order_push(
    session: AsyncSession,
    target: TargetRecord,
    generation_id: str | None,
    now: datetime,
    *,
    failure: str | None = None,
) -> str:
    """Write a push of the target's audio, or of why there is none; returns its job."""
    push = Push(
        id=str(uuid4()),
        connection_id=target.connection_id,
        target_id=target.id,
        generation_id=generation_id,
        failure=failure,
        status="waiting",
        attempts=0,
        next_at=now,
        created_at=now,
    )
    session.add(push)
    await session.flush()
    return push_job(push.id)
