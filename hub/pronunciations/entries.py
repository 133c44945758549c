"""Keeping, listing and forgetting pronunciations, always within one account."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.values import Pronunciation
from hub.errors import Conflict, NotFound
from hub.hub import Hub
from hub.store.pronunciation_tables import PronunciationEntry

MOST_ENTRIES = 500


async def keep_entry(hub: Hub, account_id: str, new: Pronunciation) -> PronunciationEntry:
    """Keep how a word is said, in place of what was kept for it. Raises Conflict when there are too many."""
    async with hub.database.transaction() as session:
        mine = PronunciationEntry.account_id == account_id
        same = (PronunciationEntry.language == (new.language or ""), PronunciationEntry.word == new.word)
        entry = await session.scalar(select(PronunciationEntry).where(mine, *same))
        if entry is None:
            if (await session.scalar(select(func.count()).where(mine)) or 0) >= MOST_ENTRIES:
                raise Conflict(
                    f"This account keeps {MOST_ENTRIES} pronunciations already; delete one first.",
                    code="too_many_pronunciations",
                )
            entry = PronunciationEntry(
                id=str(uuid4()),
                account_id=account_id,
                language=new.language or "",
                word=new.word,
                created_at=hub.now(),
            )
            session.add(entry)
        entry.respelling, entry.ipa = new.respelling, new.ipa
    return entry


async def list_entries(session: AsyncSession, account_id: str) -> Sequence[PronunciationEntry]:
    """By word."""
    chosen = select(PronunciationEntry).where(PronunciationEntry.account_id == account_id)
    return (
        await session.scalars(chosen.order_by(PronunciationEntry.word, PronunciationEntry.language))
    ).all()


async def delete_entry(hub: Hub, account_id: str, entry_id: str) -> None:
    """Raises NotFound also for another account's."""
    async with hub.database.transaction() as session:
        entry = await session.get(PronunciationEntry, entry_id)
        if entry is None or entry.account_id != account_id:
            raise NotFound("Pronunciation not found", code="pronunciation_not_found")
        await session.delete(entry)


async def spoken_by(session: AsyncSession, account_id: str) -> tuple[Pronunciation, ...]:
    """What the engine needs to know of an account's dictionary."""
    return tuple(
        Pronunciation(entry.word, entry.respelling, entry.ipa, entry.language or None)
        for entry in await list_entries(session, account_id)
    )
