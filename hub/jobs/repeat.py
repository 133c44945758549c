"""Ordering a failed generation once more, for its owner."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from connectors.values import SpeechOrder
from engine.values import AudioFormat, SpeechRequest
from hub.accounts import audit
from hub.errors import Conflict, NotFound
from hub.hub import Hub
from hub.jobs.accept import accept
from hub.jobs.states import Status
from hub.store.connection_tables import InboundEvent
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


async def repeat(hub: Hub, generation_id: str, *, actor: str) -> Generation:
    """A new generation with the same words, voice and callback; its price is held again.

    It stands in the audit log as the act of `actor`. Raises NotFound; Conflict for what the record alone
    cannot repeat: its words say who can.
    """
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

    async def note(session: AsyncSession, fresh: Generation) -> None:
        action, detail = "retried a job", f"as {fresh.id}"
        await audit.record(
            session, actor=actor, action=action, subject=failed.id, detail=detail, now=fresh.created_at
        )

    accepted = await accept(
        hub, _order_of(failed), account_id=failed.account_id, api_key_id=failed.api_key_id, beside=note
    )
    assert accepted.generation is not None
    return accepted.generation


def _order_of(failed: Generation) -> SpeechOrder:
    request = SpeechRequest(
        text=failed.text,
        language=failed.language,
        description=failed.voice_description,
        cfg_value=failed.cfg_value,
        inference_timesteps=failed.inference_timesteps,
        seed=failed.seed,
        format=AudioFormat(failed.format),
    )
    return SpeechOrder(
        request,
        callback_url=failed.callback_url,
        metadata=failed.sender_metadata,
        source=failed.source,
    )
