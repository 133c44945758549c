"""Files that have served: of a job that has ended, and of processes that died before a row knew of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select

from hub.hub import Hub
from hub.jobs.parts import drop_parts
from hub.jobs.states import OPEN, Status
from hub.store.tables import Generation, GenerationPart, SavedVoice

AUDIO, RECORDINGS, VOICES = "generations", "references", "voices"
UNKNOWN_AFTER = timedelta(hours=1)
"""A file is written before its row; nothing takes this long in between."""


async def drop_leftovers(hub: Hub, generation: Generation) -> None:
    """Remove what an ended job needs no more: its recording, its parts, and audio of killed runs."""
    if generation.parts_total:
        await drop_parts(hub, generation.id)
    if generation.reference_key:
        await hub.blobs.delete(generation.reference_key)
    if generation.run > (generation.status == Status.COMPLETED):
        await drop_audio(hub, generation.id, but=generation.audio_key)


async def drop_audio(hub: Hub, generation_id: str, *, but: str | None = None) -> None:
    """Also what a worker stored and was killed before it could say so."""
    async for found in hub.blobs.under(f"{AUDIO}/{generation_id}"):
        for kept in found:
            if kept.key != but:
                await hub.blobs.delete(kept.key)


async def sweep_unknown(hub: Hub) -> int:
    """Delete files that no living row names, and texts of parts that have ended; returns how many files.

    Looks at every file there is.
    """
    before = hub.now() - UNKNOWN_AFTER
    async with hub.database.transaction() as session:
        ended = select(Generation.id).where(Generation.completed_at < before)
        await session.execute(delete(GenerationPart).where(GenerationPart.generation_id.in_(ended)))
    dropped = 0
    for folder, known in ((AUDIO, _audio), (RECORDINGS, _recordings), (VOICES, _voices)):
        async for found in hub.blobs.under(folder):
            old = [kept.key for kept in found if kept.at < before]
            unknown = set(old) - await known(hub, old)
            for key in unknown:
                await hub.blobs.delete(key)
            dropped += len(unknown)
    return dropped


async def _audio(hub: Hub, keys: Sequence[str]) -> set[str]:
    """Of a job that goes on every file stays, of an ended one its audio."""
    chosen = select(Generation.id, Generation.status, Generation.audio_key)
    chosen = chosen.where(Generation.id.in_({_id(key) for key in keys}), Generation.deleted_at.is_(None))
    async with hub.database.reading() as session:
        rows = {row.id: row for row in await session.execute(chosen)}
    return {
        key for key in keys if (row := rows.get(_id(key))) and (row.status in OPEN or row.audio_key == key)
    }


async def _recordings(hub: Hub, keys: Sequence[str]) -> set[str]:
    chosen = select(Generation.reference_key).where(
        Generation.id.in_([_id(key) for key in keys]),
        Generation.deleted_at.is_(None),
        Generation.status.in_(OPEN),
    )
    async with hub.database.reading() as session:
        return {key for key in await session.scalars(chosen) if key}


async def _voices(hub: Hub, keys: Sequence[str]) -> set[str]:
    """A deleted voice keeps its recording while it can be brought back."""
    chosen = select(SavedVoice.reference_key).where(SavedVoice.id.in_([_id(key) for key in keys]))
    async with hub.database.reading() as session:
        return {key for key in await session.scalars(chosen) if key}


def _id(key: str) -> str:
    return key.split("/")[1]
