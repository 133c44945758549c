"""The first answer to a POST with an `Idempotency-Key`, kept for 24 hours.

The record is written in the transaction that does the work, so there is no moment in which the work is done
and the answer forgotten, and a second request with the same key waits for the first one's transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.errors import Conflict
from hub.store.tables import IdempotencyRecord

LIFETIME = timedelta(hours=24)


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
