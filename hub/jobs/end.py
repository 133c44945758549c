"""The ends of a job: completed, failed or cancelled.

Each end is one transaction: the state, the credits and the outgoing deliveries move together. An end asked
for by a worker is fenced by its claim's run; one that lost its claim changes nothing.
"""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from engine.values import Speech
from hub.errors import Conflict
from hub.hub import Hub
from hub.jobs import outbox, previews
from hub.jobs.claim import Claim
from hub.jobs.crowd import call_next
from hub.jobs.find import find
from hub.jobs.leftovers import drop_leftovers
from hub.jobs.parts import parts_of, record_part, rows_of
from hub.jobs.states import ENDED, MAX_TRIES, Status, pause_before_try
from hub.money.low_credit import LOW_CREDIT, fall
from hub.store.tables import Generation
from hub.webhooks.announcing import announce

log = logging.getLogger(__name__)


async def complete(hub: Hub, claim: Claim, speech: Speech) -> list[str]:
    """Keep the audio, spend the credits; returns the ids of the deliveries to send."""
    key = _audio_key(claim.id, claim.run, speech.format)
    await hub.blobs.put(key, speech.audio)
    async with hub.database.transaction() as session:
        generation = await _claimed(session, claim)
        if generation is not None:
            _record_speech(generation, speech, key)
            deliveries = await _end(session, generation, Status.COMPLETED, hub.now())
            await previews.spend(session, generation, hub.now())
            low = await fall(session, claim.account_id, hub.now())
            if low is not None:
                deliveries += await announce(
                    session, account_id=low.account_id, event=LOW_CREDIT, data=low.payload(), now=low.at
                )
    if generation is None:
        await hub.blobs.delete(key)
        return []
    if low is not None:
        log.warning("%s: account %s has %d credits left", LOW_CREDIT, low.account_id, low.credits)
    await drop_leftovers(hub, generation)
    await call_next(hub, claim.account_id)
    return deliveries


async def complete_part(hub: Hub, claim: Claim, speech: Speech) -> bool:
    """Keep the audio of one part of a long text; the job waits again, for its next part or for the joining.

    False when the claim was lost. The language and the seed of the first part bind the others.
    """
    key = f"generations/{claim.id}/part-{claim.part}-{claim.run}.{speech.format}"
    await hub.blobs.put(key, speech.audio)
    async with hub.database.transaction() as session:
        generation = await _claimed(session, claim)
        if generation is not None:
            parts = await parts_of(session, generation.id)
            record_part(parts[claim.part or 0], speech, key)
            generation.status = Status.QUEUED
            generation.tries = 0
            generation.beat_at = None
            generation.progress = sum(part.audio_key is not None for part in parts) / len(parts)
            generation.spoken_language = speech.language
            generation.spoken_seed = speech.seed
    if generation is None:
        await hub.blobs.delete(key)
    return generation is not None


async def fail(hub: Hub, claim: Claim, *, code: str, message: str, retryable: bool) -> list[str]:
    """End the attempt. With tries left and a fault that may pass, the job waits for the next one.

    Returns the ids of the deliveries to send; none when the job is to be tried again.
    """
    async with hub.database.transaction() as session:
        generation = await _claimed(session, claim)
        if generation is None:
            return []
        if retryable and claim.tries < MAX_TRIES:
            generation.status = Status.QUEUED
            generation.not_before = hub.now() + pause_before_try(claim.tries)
            return []
        deliveries = await end_without_audio(session, generation, Status.FAILED, hub.now(), code, message)
    await drop_leftovers(hub, generation)
    await call_next(hub, claim.account_id)
    return deliveries


async def give_back(hub: Hub, claim: Claim) -> None:
    """The worker must stop before it is done: the job waits again, and the attempt does not count."""
    async with hub.database.transaction() as session:
        generation = await _claimed(session, claim)
        if generation is not None:
            generation.status = Status.QUEUED
            generation.tries -= 1


async def cancel(hub: Hub, account_id: str, generation_id: str) -> Generation:
    """Stop a job and give its credits back. Twice is fine; Conflict when it ended in another way."""
    async with hub.database.transaction() as session:
        generation = await find(session, account_id, generation_id, for_update=True)
        if generation.status == Status.CANCELLED:
            return generation
        if generation.status in ENDED:
            raise Conflict(f"The generation is {generation.status} already; there is nothing to cancel.")
        deliveries = await end_without_audio(session, generation, Status.CANCELLED, hub.now())
    await drop_leftovers(hub, generation)
    await call_next(hub, account_id)
    for delivery in deliveries:
        await hub.queue.enqueue_delivery(delivery, not_before=None)
    return generation


async def end_without_audio(
    session: AsyncSession,
    generation: Generation,
    status: Status,
    now: datetime,
    code: str | None = None,
    message: str | None = None,
) -> list[str]:
    """Put an open job into `failed` or `cancelled` and release its credits, in the caller's transaction."""
    generation.error_code = code
    generation.error_message = message
    deliveries = await _end(session, generation, status, now)
    await previews.give_back(session, generation, message or status, now)
    return deliveries


async def _end(session: AsyncSession, generation: Generation, status: Status, now: datetime) -> list[str]:
    generation.status = status
    generation.completed_at = now
    generation.beat_at = None
    generation.not_before = None
    if status == Status.COMPLETED:
        generation.progress = 1.0
    return await outbox.write(session, generation, now)


async def _claimed(session: AsyncSession, claim: Claim) -> Generation | None:
    generation = await session.get(Generation, claim.id, with_for_update=True)
    if generation is None or generation.run != claim.run or generation.status != Status.PROCESSING:
        return None
    return generation


def _record_speech(generation: Generation, speech: Speech, key: str) -> None:
    generation.audio_key = key
    generation.audio_bytes = len(speech.audio)
    generation.duration_seconds = round(speech.duration_seconds, 3)
    generation.spoken_language = speech.language
    generation.spoken_seed = speech.seed
    generation.engine = speech.engine
    generation.words = rows_of(speech.words)
    generation.chapters = [[chapter.title, round(chapter.start, 3)] for chapter in speech.chapters]
    generation.peaks = [round(peak, 3) for peak in speech.peaks]
    generation.warnings = [*generation.warnings, *speech.warnings]


def _audio_key(generation_id: str, run: int, extension: str) -> str:
    return f"generations/{generation_id}/{run}.{extension}"
