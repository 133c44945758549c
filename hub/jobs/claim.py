"""A worker takes a job, and says that it still lives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine.values import AudioFormat, SpeechRequest
from hub.accounts import find_account, limits_of
from hub.hub import Hub
from hub.jobs.states import MAX_TRIES, Status
from hub.store.tables import Generation

_CROWDED_PAUSE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to finish one generation. `run` fences it: a later claim makes this one void."""

    id: str
    account_id: str
    run: int
    tries: int
    request: SpeechRequest


async def claim(hub: Hub, generation_id: str) -> Claim | None:
    """Take a waiting job, or one whose worker fell silent; None when there is nothing to do."""
    async with hub.database.transaction() as session:
        generation = await session.get(Generation, generation_id, with_for_update=True)
        now = hub.now()
        if generation is None or not _is_free(generation, now, hub.settings.lease):
            return None
        if generation.tries >= MAX_TRIES:
            return None  # the sweeper ends it
        if await _is_crowded(session, generation):
            generation.not_before = now + _CROWDED_PAUSE
            return None
        generation.status = Status.PROCESSING
        generation.run += 1
        generation.tries += 1
        generation.progress = 0.0
        generation.not_before = None
        generation.beat_at = now
        generation.started_at = generation.started_at or now
    reference = await hub.blobs.get(generation.reference_key) if generation.reference_key else None
    return Claim(
        generation.id,
        generation.account_id,
        generation.run,
        generation.tries,
        _request(generation, reference),
    )


async def beat(hub: Hub, generation_id: str, run: int, progress: float) -> bool:
    """Sign of life with the finished share of the work; False means stop: cancelled, or taken over."""
    async with hub.database.transaction() as session:
        alive = await session.execute(
            update(Generation)
            .where(
                Generation.id == generation_id, Generation.run == run, Generation.status == Status.PROCESSING
            )
            .values(beat_at=hub.now(), progress=min(max(progress, 0.0), 1.0))
            .returning(Generation.id)
        )
        return alive.scalar_one_or_none() is not None


def _is_free(generation: Generation, now: datetime, lease: float) -> bool:
    if generation.status == Status.QUEUED:
        return generation.not_before is None or generation.not_before <= now
    silent = generation.beat_at is None or generation.beat_at <= now - timedelta(seconds=lease)
    return generation.status == Status.PROCESSING and silent


async def _is_crowded(session: AsyncSession, generation: Generation) -> bool:
    limits = limits_of(await find_account(session, generation.account_id))
    running = await session.scalar(
        select(func.count()).where(
            Generation.account_id == generation.account_id,
            Generation.status == Status.PROCESSING,
            Generation.id != generation.id,
        )
    )
    return (running or 0) >= limits.concurrent


def _request(generation: Generation, reference: bytes | None) -> SpeechRequest:
    return SpeechRequest(
        text=generation.text,
        language=generation.language,
        description=generation.voice_description,
        reference=reference,
        reference_text=generation.reference_text,
        cfg_value=generation.cfg_value,
        inference_timesteps=generation.inference_timesteps,
        seed=generation.seed,
        format=AudioFormat(generation.format),
    )
