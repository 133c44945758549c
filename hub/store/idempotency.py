"""The first answer to a POST with an `Idempotency-Key`, kept for 24 hours.

Where one transaction does the work, the record is written in it: there is no moment in which the work is done
and the answer forgotten, and a second request with the same key waits for the first one's transaction. Other
work reserves its key first (`reserve`) and says its answer afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hub.errors import Conflict
from hub.store.tables import IdempotencyRecord

LIFETIME = timedelta(hours=24)
RESERVED: Final = 0
"""The status of an answer that is still being made."""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    status: int
    headers: dict[str, str]
    body: dict[str, Any]


async def find(
    session: AsyncSession, account_id: str, key: str, fingerprint: str, now: datetime
) -> StoredAnswer | None:
    """The answer given before, or None. Raises Conflict when the key came with another request.

    `fingerprint` is a digest of everything in the request that decides the answer.
    """
    of_key = (IdempotencyRecord.account_id == account_id, IdempotencyRecord.key == key)
    await session.execute(
        delete(IdempotencyRecord).where(*of_key, IdempotencyRecord.created_at <= now - LIFETIME)
    )
    record = await session.scalar(select(IdempotencyRecord).where(*of_key))
    if record is None:
        return None
    if record.fingerprint != fingerprint:
        raise Conflict("Idempotency-Key was used with a different request", code="idempotency_key_reused")
    return StoredAnswer(record.status, record.headers, record.body)


async def reserve(session: AsyncSession, account_id: str, key: str, fingerprint: str, now: datetime) -> None:
    """Take the key for work that is about to begin. Raises as `remember` does."""
    await remember(session, account_id, key, fingerprint, StoredAnswer(RESERVED, {}, {}), now)


async def answer(session: AsyncSession, account_id: str, key: str, given: StoredAnswer) -> None:
    """What came of the work the key was reserved for."""
    values = {"status": given.status, "headers": given.headers, "body": given.body}
    await session.execute(update(IdempotencyRecord).where(*_reserved(account_id, key)).values(**values))


async def release(session: AsyncSession, account_id: str, key: str) -> None:
    """The work was refused: the key is free again."""
    await session.execute(delete(IdempotencyRecord).where(*_reserved(account_id, key)))


def _reserved(account_id: str, key: str) -> tuple[ColumnElement[bool], ...]:
    record = IdempotencyRecord
    return (record.account_id == account_id, record.key == key, record.status == RESERVED)


async def remember(
    session: AsyncSession, account_id: str, key: str, fingerprint: str, answer: StoredAnswer, now: datetime
) -> None:
    """Raises sqlalchemy's IntegrityError when another transaction remembered the same key first."""
    session.add(
        IdempotencyRecord(
            account_id=account_id,
            key=key,
            fingerprint=fingerprint,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            created_at=now,
        )
    )
    await session.flush()


async def forget_old(session: AsyncSession, now: datetime) -> None:
    await session.execute(delete(IdempotencyRecord).where(IdempotencyRecord.created_at <= now - LIFETIME))
