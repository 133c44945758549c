"""Deleting a generation: its text and its audio go, the ledger's lines stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.hub import Hub
from hub.jobs.end import end_without_audio
from hub.jobs.find import find
from hub.jobs.leftovers import drop_audio
from hub.jobs.parts import drop_parts
from hub.jobs.states import OPEN, Status
from hub.store.tables import Generation

_AT_ONCE: Final = 200


async def erase(hub: Hub, account_id: str, generation_id: str) -> None:
    """Erase text and audio; an open job is cancelled first. Raises NotFound when it is gone already."""
    async with hub.database.transaction() as session:
        generation = await find(session, account_id, generation_id, for_update=True)
        await _empty(hub, session, generation)
    await drop_files(hub, generation)


async def erase_many(hub: Hub, account_id: str, generation_ids: Sequence[str]) -> None:
    """The same for all that are still there, in few transactions. The sweeper drops their files."""
    for start in range(0, len(generation_ids), _AT_ONCE):
        chosen = select(Generation).where(
            Generation.id.in_(generation_ids[start : start + _AT_ONCE]),
            Generation.account_id == account_id,
            Generation.deleted_at.is_(None),
        )
        async with hub.database.transaction() as session:
            for generation in await session.scalars(chosen.order_by(Generation.id).with_for_update()):
                await _empty(hub, session, generation)


async def _empty(hub: Hub, session: AsyncSession, generation: Generation) -> None:
    if generation.status in OPEN:
        await end_without_audio(session, generation, Status.CANCELLED, hub.now())
    generation.deleted_at = hub.now()
    generation.text = ""
    generation.voice_description = None
    generation.reference_text = None
    generation.instructions = None
    generation.error_message = None
    generation.sender_metadata = {}
    generation.words = []
    generation.chapters = []
    generation.peaks = []
    generation.warnings = []


async def drop_files(hub: Hub, generation: Generation) -> None:
    """Remove an erased generation's files, then forget their names.

    In this order a crash between the two leaves names for the sweeper, never files that nobody knows of.
    """
    if generation.reference_key:
        await hub.blobs.delete(generation.reference_key)
    await drop_audio(hub, generation.id)
    await drop_parts(hub, generation.id)
    async with hub.database.transaction() as session:
        row = await session.get(Generation, generation.id)
        if row is not None:
            row.audio_key = None
            row.reference_key = None
