"""Looking generations up, always within one account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from hub.errors import NotFound
from hub.store.connection_tables import InboundEvent
from hub.store.cursors import cursor_at, parse_cursor
from hub.store.tables import Generation


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Generation]
    next_cursor: str | None


async def find(
    session: AsyncSession, account_id: str, generation_id: str, *, for_update: bool = False
) -> Generation:
    """Raises NotFound also for a deleted generation and for another account's."""
    generation = await session.get(Generation, generation_id, with_for_update=for_update or None)
    if generation is None or generation.account_id != account_id or generation.deleted_at is not None:
        raise NotFound("Generation not found", code="generation_not_found")
    return generation


async def newest(
    session: AsyncSession,
    account_id: str,
    *,
    limit: int = 20,
    cursor: str | None = None,
    status: str | None = None,
    mode: str | None = None,
    source: str | None = None,
    text: str | None = None,
    voice_id: str | None = None,
    connection_id: str | None = None,
) -> Page:
    """Newest first; `cursor` is a page's `next_cursor`, and stays right while new rows arrive.

    `text` finds what was spoken, anywhere in it; ASCII letters of either case are the same.
    """
    chosen = select(Generation).where(Generation.account_id == account_id, Generation.deleted_at.is_(None))
    given = {"status": status, "mode": mode, "source": source, "voice_id": voice_id}
    for name, wanted in given.items():
        if wanted is not None:
            chosen = chosen.where(getattr(Generation, name) == wanted)
    if connection_id is not None:
        read = select(InboundEvent.generation_id).where(InboundEvent.connection_id == connection_id)
        chosen = chosen.where(Generation.id.in_(read.where(InboundEvent.generation_id.is_not(None))))
    if text:
        chosen = chosen.where(Generation.text.icontains(text, autoescape=True))
    if cursor is not None:
        chosen = chosen.where(tuple_(Generation.created_at, Generation.id) < tuple_(*parse_cursor(cursor)))
    chosen = chosen.order_by(Generation.created_at.desc(), Generation.id.desc()).limit(limit + 1)
    rows = (await session.scalars(chosen)).all()
    more = cursor_at(rows[limit - 1].created_at, rows[limit - 1].id) if len(rows) > limit else None
    return Page(rows[:limit], more)


async def sources_of(session: AsyncSession, account_id: str) -> Sequence[str]:
    """The doors by which an account's generations came, by name."""
    chosen = select(Generation.source).where(
        Generation.account_id == account_id, Generation.deleted_at.is_(None)
    )
    return (await session.scalars(chosen.distinct().order_by(Generation.source))).all()
