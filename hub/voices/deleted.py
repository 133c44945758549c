"""Deleting voices: at once for whoever speaks, for good a day later or when their owner says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.errors import NotFound
from hub.hub import Hub
from hub.store.tables import SavedVoice

UNDO_FOR = timedelta(days=1)
_AT_MOST = 200


async def delete_voice(hub: Hub, account_id: str, voice_id: str) -> None:
    """Nobody can use or find it any more; `restore_voice` brings it back for a while."""
    async with hub.database.transaction() as session:
        voice = await _own(session, account_id, voice_id)
        if voice.deleted_at is not None:
            raise _not_found()
        voice.deleted_at = hub.now()


async def restore_voice(hub: Hub, account_id: str, voice_id: str) -> SavedVoice:
    """Raises NotFound once it is erased."""
    async with hub.database.transaction() as session:
        voice = await _own(session, account_id, voice_id)
        if voice.deleted_at is not None and voice.deleted_at <= hub.now() - UNDO_FOR:
            raise _not_found()
        voice.deleted_at = None
        return voice


async def erase_voice(hub: Hub, account_id: str, voice_id: str) -> None:
    """Forget a voice and its recording. Jobs accepted with it keep their own copy until they have ended."""
    async with hub.database.transaction() as session:
        voice = await _own(session, account_id, voice_id)
        voice.deleted_at = voice.deleted_at or hub.now()
    await _erase(hub, SavedVoice.id == voice_id)


async def list_deleted(session: AsyncSession, account_id: str, now: datetime) -> Sequence[SavedVoice]:
    """Those that can be brought back, the last deleted first."""
    chosen = select(SavedVoice).where(
        SavedVoice.account_id == account_id, SavedVoice.deleted_at > now - UNDO_FOR
    )
    return (await session.scalars(chosen.order_by(SavedVoice.deleted_at.desc()))).all()


async def make_room(hub: Hub, account_id: str, name: str, most: int) -> None:
    """Erases the account's deleted voice of this name, and all its deleted ones when it has `most` rows."""
    own = SavedVoice.account_id == account_id
    await _erase(hub, own, SavedVoice.name == name)
    async with hub.database.reading() as session:
        is_full = (await session.scalar(select(func.count()).where(own)) or 0) >= most
    if is_full:
        await _erase(hub, own)


async def sweep(hub: Hub) -> int:
    """Returns how many were erased because their day is over."""
    return await _erase(hub, SavedVoice.deleted_at <= hub.now() - UNDO_FOR)


async def _erase(hub: Hub, *which: ColumnElement[bool]) -> int:
    async with hub.database.reading() as session:
        chosen = select(SavedVoice).where(SavedVoice.deleted_at.is_not(None), *which).limit(_AT_MOST)
        voices = (await session.scalars(chosen)).all()
    for voice in voices:
        if voice.reference_key:  # first the file: a crash here leaves a voice that can be erased again
            await hub.blobs.delete(voice.reference_key)
        async with hub.database.transaction() as session:
            row = await session.get(SavedVoice, voice.id)
            if row is not None:
                await session.delete(row)
    return len(voices)


async def _own(session: AsyncSession, account_id: str, voice_id: str) -> SavedVoice:
    voice = await session.get(SavedVoice, voice_id, with_for_update=True)
    if voice is None or voice.account_id != account_id:
        raise _not_found()
    return voice


def _not_found() -> NotFound:
    return NotFound("Voice not found", code="voice_not_found")
