"""The parts of a long text: which are spoken, and where their audio waits to be joined."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.audio.edges import gap
from engine.audio.live import LIVE_RATE
from engine.longform import SpokenPart
from engine.values import Speech, Word
from hub.hub import Hub
from hub.store.tables import GenerationPart


async def parts_of(session: AsyncSession, generation_id: str) -> Sequence[GenerationPart]:
    chosen = select(GenerationPart).where(GenerationPart.generation_id == generation_id)
    return (await session.scalars(chosen.order_by(GenerationPart.position))).all()


async def load_spoken(hub: Hub, generation_id: str) -> list[SpokenPart]:
    """All parts of a long text with their audio, in order; every one of them has been spoken."""
    async with hub.database.reading() as session:
        rows = await parts_of(session, generation_id)
    return [await _spoken(hub, row) for row in rows]


async def _spoken(hub: Hub, row: GenerationPart) -> SpokenPart:
    assert row.audio_key is not None, "the part has been spoken"
    words = tuple(Word(*word) for word in row.words)
    return SpokenPart(
        await hub.blobs.get(row.audio_key),
        row.pause,
        row.heading,
        words,
        row.engine or "",
        tuple(row.warnings),
    )


def after_part(begins: int, rest: int, part: GenerationPart) -> tuple[int, int]:
    """Of a spoken part that begins after `rest` silent samples at `begins`: where it ends, and the rest that
    follows it, in samples of a live stream."""
    return begins + rest + round((part.seconds or 0.0) * LIVE_RATE), gap(part.pause, LIVE_RATE)


def record_part(part: GenerationPart, speech: Speech, audio_key: str) -> None:
    part.audio_key = audio_key
    part.engine = speech.engine
    part.seconds = speech.duration_seconds
    part.words = rows_of(speech.words)
    part.warnings = list(speech.warnings)


def rows_of(words: Iterable[Word]) -> list[list[Any]]:
    """Words as the tables keep them: text, start and end in seconds to the millisecond."""
    return [[word.text, round(word.start, 3), round(word.end, 3)] for word in words]


async def drop_parts(hub: Hub, generation_id: str) -> None:
    """Remove an ended job's parts: first the files, then the rows that know of them."""
    async with hub.database.reading() as session:
        chosen = select(GenerationPart.audio_key).where(GenerationPart.generation_id == generation_id)
        keys = (await session.scalars(chosen)).all()
    for key in keys:
        if key:
            await hub.blobs.delete(key)
    async with hub.database.transaction() as session:
        await session.execute(delete(GenerationPart).where(GenerationPart.generation_id == generation_id))
