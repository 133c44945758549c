"""A worker takes a job, and says that it still lives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine.languages import AUTO
from engine.values import AudioFormat, Mode, SpeechRequest
from hub.accounts import limits_of
from hub.hub import Hub
from hub.jobs.parts import after_part, parts_of
from hub.jobs.states import MAX_TRIES, Status
from hub.pronunciations import spoken_by
from hub.store.blobs import BlobMissing
from hub.store.tables import Account, Generation, GenerationPart

_CROWDED_PAUSE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to finish one generation. `run` fences it: a later claim makes this one void.

    Of a long text it is the right to speak one part (`request` is that part's, `part` its position), or, when
    all are spoken, to join them (`joining`).
    """

    id: str
    account_id: str
    run: int
    tries: int
    request: SpeechRequest
    part: int | None = None
    parts: int = 0
    joining: bool = False
    begins: int = 0
    """Where the part begins in the whole, in samples of a live stream; `rest` are silent ones before it."""
    rest: int = 0
    lost: bool = False
    """Its recording is not stored any more."""

    def overall(self, share: float) -> float:
        """The finished share of the whole job when `share` of this claim's work is done."""
        if self.joining:
            return 1.0
        return share if self.part is None else (self.part + share) / self.parts


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
        generation.not_before = None
        generation.beat_at = now
        generation.started_at = generation.started_at or now
        parts = await parts_of(session, generation.id) if generation.parts_total else []
        pronunciations = await spoken_by(session, generation.account_id)
    reference = await _recording(hub, generation)
    request = replace(_request(generation, reference), pronunciations=pronunciations)
    taken = Claim(generation.id, generation.account_id, generation.run, generation.tries, request)
    taken = replace(taken, lost=reference is None and generation.reference_key is not None)
    return _of_long_text(taken, parts) if parts else taken


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


async def _recording(hub: Hub, generation: Generation) -> bytes | None:
    if generation.reference_key is None:
        return None
    try:
        return await hub.blobs.get(generation.reference_key)
    except BlobMissing:
        return None


def _is_free(generation: Generation, now: datetime, lease: float) -> bool:
    if generation.status == Status.QUEUED:
        return generation.not_before is None or generation.not_before <= now
    silent = generation.beat_at is None or generation.beat_at <= now - timedelta(seconds=lease)
    return generation.status == Status.PROCESSING and silent


async def _is_crowded(session: AsyncSession, generation: Generation) -> bool:
    """The account is locked, after its generation as everywhere: of two claims the later sees the earlier."""
    account = await session.get(Account, generation.account_id, with_for_update={"key_share": True})
    assert account is not None, "accounts are closed in place"
    running = await session.scalar(
        select(func.count()).where(
            Generation.account_id == generation.account_id,
            Generation.status == Status.PROCESSING,
            Generation.id != generation.id,
        )
    )
    return (running or 0) >= limits_of(account).concurrent


def _of_long_text(taken: Claim, parts: Sequence[GenerationPart]) -> Claim:
    """The language of a chapter is told by all of it: its first part may be a heading of one word."""
    context = "\n".join(part.text for part in parts) if taken.request.language == AUTO else None
    ends = rest = 0
    for part in parts:
        if part.audio_key is None:
            request = replace(taken.request, text=part.text, context=context, format=AudioFormat.FLAC)
            claimed = replace(taken, request=request, part=part.position, parts=len(parts))
            return replace(claimed, begins=ends, rest=rest)
        ends, rest = after_part(ends, rest, part)
    return replace(taken, joining=True)


def _request(generation: Generation, reference: bytes | None) -> SpeechRequest:
    """A clone's file names its generation; a designed voice's is the same bytes for the same request."""
    return SpeechRequest(
        text=generation.text,
        language=generation.spoken_language or generation.language,
        description=generation.voice_description,
        reference=reference,
        reference_text=generation.reference_text,
        cfg_value=generation.cfg_value,
        inference_timesteps=generation.inference_timesteps,
        seed=generation.seed if generation.spoken_seed is None else generation.spoken_seed,
        instructions=generation.instructions,
        speed=generation.speed,
        generation=generation.id if generation.mode == Mode.CLONE else None,
        format=AudioFormat(generation.format),
    )
