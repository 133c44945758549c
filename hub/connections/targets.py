"""Targets: what on a platform speaks, and the lasting address of its audio.

The address is the hub's own `/a/{token}.{extension}`: a name of 192 random bits kept with the target, and no
time in it. It stays the same when the text is spoken anew, whichever secret key the hub uses by then, and it
dies with the target, with the connection, or when the audio is erased.
"""

from __future__ import annotations

import secrets as entropy
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from connectors.values import Target
from hub.store.connection_tables import TargetRecord

PATH = "/a"
_LONGEST_KEY = 255


def new_token() -> str:
    return entropy.token_urlsafe(24)


def lasting_url(base_url: str, token: str, extension: str) -> str:
    return f"{base_url}{PATH}/{token}.{extension}"


async def target_for(
    session: AsyncSession, connection_id: str, target: Target, now: datetime, *, is_test: bool = False
) -> TargetRecord:
    """The target's row, locked; made when it is heard of for the first time."""
    key = (f"test:{target.key}" if is_test else target.key)[:_LONGEST_KEY]
    same = (TargetRecord.connection_id == connection_id, TargetRecord.key == key)
    record = await session.scalar(select(TargetRecord).where(*same).with_for_update())
    if record is None:
        record = TargetRecord(
            id=str(uuid4()),
            connection_id=connection_id,
            key=key,
            is_test=is_test,
            token=new_token(),
            created_at=now,
        )
        session.add(record)
    record.fields = dict(target.fields)
    await session.flush()
    return record


async def target_by_token(session: AsyncSession, token: str) -> TargetRecord | None:
    found: TargetRecord | None = await session.scalar(select(TargetRecord).where(TargetRecord.token == token))
    return found
