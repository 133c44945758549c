"""Saving and finding voices, always within one account."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hub.errors import Conflict, NotFound
from hub.hub import Hub
from hub.store.tables import Account, SavedVoice
from hub.voices.deleted import make_room
from hub.voices.values import NewVoice
from hub.webhooks.announcing import announce

MOST_VOICES = 200


async def save_voice(hub: Hub, account_id: str, new: NewVoice) -> SavedVoice:
    """Keep a voice. Raises Conflict when the account has one of this name, or as many as it may have.

    A deleted voice of the same name is erased: who takes its name no longer wants it back.
    """
    await make_room(hub, account_id, new.name, MOST_VOICES)
    voice = SavedVoice(
        id=str(uuid4()),
        account_id=account_id,
        name=new.name,
        mode=new.mode,
        description=new.description,
        seed=new.seed,
        reference_text=new.reference_text,
        consent=new.consent,
        created_at=hub.now(),
    )
    if new.reference is not None:
        voice.reference_key = f"voices/{voice.id}"
        await hub.blobs.put(voice.reference_key, new.reference)
    try:
        deliveries = await _record(hub, voice)
    except Conflict:
        if voice.reference_key:
            await hub.blobs.delete(voice.reference_key)
        raise
    for delivery in deliveries:
        await hub.queue.enqueue_delivery(delivery, None)
    return voice


async def find_voice(session: AsyncSession, account_id: str, voice_id: str) -> SavedVoice:
    """Raises NotFound also for another account's voice."""
    voice = await session.get(SavedVoice, voice_id)
    if voice is None or voice.account_id != account_id or voice.deleted_at is not None:
        raise NotFound("Voice not found", code="voice_not_found")
    return voice


async def list_voices(session: AsyncSession, account_id: str) -> Sequence[SavedVoice]:
    """By name."""
    chosen = select(SavedVoice).where(SavedVoice.account_id == account_id, SavedVoice.deleted_at.is_(None))
    return (await session.scalars(chosen.order_by(SavedVoice.name))).all()


async def default_voice(session: AsyncSession, account_id: str) -> SavedVoice | None:
    """What the account speaks with where nobody names a voice; None without one, or when it is deleted."""
    account = await session.get_one(Account, account_id)
    voice = await session.get(SavedVoice, account.default_voice_id) if account.default_voice_id else None
    is_kept = voice is not None and voice.account_id == account_id and voice.deleted_at is None
    return voice if is_kept else None


async def reference_of(hub: Hub, voice: SavedVoice) -> bytes | None:
    """The recording of a cloned voice; None for a designed one."""
    return await hub.blobs.get(voice.reference_key) if voice.reference_key else None


async def _record(hub: Hub, voice: SavedVoice) -> list[str]:
    """Returns the deliveries that tell of it."""
    try:
        async with hub.database.transaction() as session:
            kept = select(func.count()).where(SavedVoice.account_id == voice.account_id)
            if (await session.scalar(kept) or 0) >= MOST_VOICES:
                raise Conflict(
                    f"This account keeps {MOST_VOICES} voices already; delete one first.",
                    code="too_many_voices",
                )
            session.add(voice)
            await session.flush()
            data = {"id": voice.id, "name": voice.name, "mode": voice.mode}
            return await announce(
                session, account_id=voice.account_id, event="voice.ready", data=data, now=voice.created_at
            )
    except IntegrityError as error:
        raise Conflict(
            f"A voice named {voice.name} exists already; choose another name.", code="voice_name_taken"
        ) from error
