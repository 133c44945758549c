"""What administrators did, written in the transaction that does it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.store.people_tables import AuditEntry

COMMAND_LINE = "command line"


async def record(
    session: AsyncSession, *, actor: str, action: str, subject: str, detail: str = "", now: datetime
) -> None:
    """`actor` is an administrator's address or COMMAND_LINE; `subject` what it was done to."""
    session.add(AuditEntry(at=now, actor=actor, action=action, subject=subject[:320], detail=detail[:300]))
    await session.flush()


async def newest(session: AsyncSession, most: int) -> Sequence[AuditEntry]:
    chosen = select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(most)
    return (await session.scalars(chosen)).all()
