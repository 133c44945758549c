"""The one way in: from an order to a queued job, or to a refusal that leaves nothing behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from connectors.values import SpeechOrder
from hub.errors import HubError, ServerBusy
from hub.hub import Hub
from hub.jobs.previews import preview_id
from hub.jobs.states import Status
from hub.money import hold, order_price
from hub.money.caps import refuse_beyond_cap
from hub.store import idempotency
from hub.store.idempotency import StoredAnswer
from hub.store.tables import Generation, GenerationPart


@dataclass(frozen=True, slots=True)
class Once:
    """Makes an order happen once per `key`: the first answer is kept and given to every repeat."""

    key: str
    fingerprint: str
    answer: Callable[[Generation], StoredAnswer]


Beside = Callable[[AsyncSession, Generation], Awaitable[None]]
"""What else is written in the transaction that records a new generation."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A new generation, or the stored answer to a request that was accepted before.

    `answer` is what was stored for repeats of this one; None where nothing asked for it.
    """

    generation: Generation | None
    replay: StoredAnswer | None = None
    answer: StoredAnswer | None = None


async def accept(
    hub: Hub,
    order: SpeechOrder,
    *,
    account_id: str,
    api_key_id: str | None = None,
    once: Once | None = None,
    more_seeds: Sequence[int] = (),
    beside: Beside | None = None,
) -> Acceptance:
    """Record the order, hold its price and queue it.

    `beside` is written with it, or not at all; not again for a repeat that `once` answers.
    With `more_seeds` the same is spoken once more with each of them, for the one price; `preview_id` tells
    the ids of those.

    Raises ServerBusy when the queue is full, InsufficientCredits when the balance is short, Conflict when
    `once` names a key that came with another request; none of them charges or keeps anything.
    """
    generation = await prepare(hub, order, account_id=account_id, api_key_id=api_key_id)
    previews = _previews(hub, order, generation, more_seeds)
    try:
        accepted = await _record(hub, order, generation, previews, once, beside)
    except HubError:
        await forget(hub, generation)
        raise
    if accepted.replay is not None:
        await forget(hub, generation)
        return accepted
    for queued in (generation, *previews):
        await enqueue(hub, order, queued)
    return accepted


async def prepare(
    hub: Hub, order: SpeechOrder, *, account_id: str, api_key_id: str | None = None
) -> Generation:
    """The row of a job that is not recorded yet; its recording is stored already."""
    generation = _generation(hub, order, account_id, api_key_id)
    if order.request.reference is not None:
        generation.reference_key = f"references/{generation.id}"
        await hub.blobs.put(generation.reference_key, order.request.reference)
    return generation


async def record(session: AsyncSession, hub: Hub, order: SpeechOrder, generation: Generation) -> None:
    """Write a prepared job and hold its price, in the caller's transaction.

    Raises ServerBusy and InsufficientCredits.
    """
    await _refuse_when_full(session, hub.settings.queue_limit)
    await hold(
        session,
        account_id=generation.account_id,
        generation_id=generation.id,
        credits=generation.price,
        now=generation.created_at,
    )
    await refuse_beyond_cap(
        session, key_id=generation.api_key_id, credits=generation.price, now=generation.created_at
    )
    session.add(generation)
    await session.flush()
    session.add_all(_parts(generation, order))


async def enqueue(hub: Hub, order: SpeechOrder, generation: Generation) -> None:
    """Tell the queue of a recorded job."""
    cost = len(order.parts[0].text if order.parts else generation.text)
    await hub.queue.enqueue_speech(generation.id, generation.account_id, cost=cost)


async def forget(hub: Hub, generation: Generation) -> None:
    """A prepared job is not to be recorded after all."""
    if generation.reference_key:
        await hub.blobs.delete(generation.reference_key)


async def _record(
    hub: Hub,
    order: SpeechOrder,
    generation: Generation,
    previews: Sequence[Generation],
    once: Once | None,
    beside: Beside | None,
) -> Acceptance:
    try:
        return await _try_record(hub, order, generation, previews, once, beside)
    except IntegrityError:
        if once is None:
            raise
        # A parallel request with the same key committed first; its answer is there now.
        async with hub.database.transaction() as session:
            replay = await _replay(session, generation, once)
        if replay is None:
            raise
        return Acceptance(None, replay)


async def _try_record(
    hub: Hub,
    order: SpeechOrder,
    generation: Generation,
    previews: Sequence[Generation],
    once: Once | None,
    beside: Beside | None,
) -> Acceptance:
    answer = None
    async with hub.database.transaction() as session:
        if once is not None and (replay := await _replay(session, generation, once)):
            return Acceptance(None, replay)
        await record(session, hub, order, generation)
        session.add_all(previews)
        if beside is not None:
            await beside(session, generation)
        if once is not None:
            answer = once.answer(generation)
            await idempotency.remember(
                session, generation.account_id, once.key, once.fingerprint, answer, generation.created_at
            )
    return Acceptance(generation, answer=answer)


async def _replay(session: AsyncSession, generation: Generation, once: Once) -> StoredAnswer | None:
    return await idempotency.find(
        session, generation.account_id, once.key, once.fingerprint, generation.created_at
    )


async def _refuse_when_full(session: AsyncSession, limit: int) -> None:
    waiting = await session.scalar(select(func.count()).where(Generation.status == Status.QUEUED))
    if (waiting or 0) >= limit:
        raise ServerBusy


def _previews(hub: Hub, order: SpeechOrder, leader: Generation, seeds: Sequence[int]) -> Sequence[Generation]:
    made = []
    for number, seed in enumerate(seeds, start=1):
        sown = replace(order, request=replace(order.request, seed=seed))
        preview = _generation(hub, sown, leader.account_id, leader.api_key_id)
        preview.id = preview_id(leader.id, number)
        preview.price = 0
        preview.charged_with = leader.charged_with = leader.id
        made.append(preview)
    return made


def _generation(hub: Hub, order: SpeechOrder, account_id: str, api_key_id: str | None) -> Generation:
    request = order.request
    return Generation(
        id=str(uuid4()),
        account_id=account_id,
        api_key_id=api_key_id,
        source=order.source,
        status=Status.QUEUED,
        mode=request.mode,
        price=order_price(request.mode, len(order.parts)),
        text=request.text,
        language=request.language,
        voice_description=request.description,
        reference_text=request.reference_text,
        cfg_value=request.cfg_value,
        inference_timesteps=request.inference_timesteps,
        seed=request.seed,
        instructions=request.instructions,
        speed=request.speed,
        format=request.format,
        callback_url=order.callback_url,
        flat_callback=order.flat_callback,
        voice_id=order.voice_id,
        sender_metadata=order.metadata,
        parts_total=len(order.parts),
        warnings=list(order.warnings),
        run=0,
        tries=0,
        progress=0.0,
        words=[],
        chapters=[],
        peaks=[],
        created_at=hub.now(),
    )


def _parts(generation: Generation, order: SpeechOrder) -> list[GenerationPart]:
    return [
        GenerationPart(
            generation_id=generation.id,
            position=position,
            text=part.text,
            heading=part.heading,
            pause=part.pause,
            words=[],
            warnings=[],
        )
        for position, part in enumerate(order.parts)
    ]
