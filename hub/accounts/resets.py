"""Choosing a new password by a link: good once, for an hour, and only the newest one."""

from __future__ import annotations

import hashlib
import secrets as random
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.errors import Gone
from hub.store.people_tables import PasswordReset
from hub.store.tables import Account

LIFETIME = timedelta(hours=1)


async def open_reset(session: AsyncSession, account_id: str, now: datetime) -> str:
    """The secret of a new link; links made before for this account are dead."""
    await session.execute(delete(PasswordReset).where(PasswordReset.account_id == account_id))
    secret = random.token_urlsafe(32)
    session.add(
        PasswordReset(
            digest=_digest(secret), account_id=account_id, created_at=now, expires_at=now + LIFETIME
        )
    )
    await session.flush()
    return secret


async def account_of_reset(session: AsyncSession, secret: str, now: datetime) -> Account:
    """Raises Gone when the link is unknown, used or too old."""
    found: Account | None = await session.scalar(
        select(Account)
        .join(PasswordReset, PasswordReset.account_id == Account.id)
        .where(
            PasswordReset.digest == _digest(secret),
            PasswordReset.expires_at > now,
            Account.closed_at.is_(None),
        )
    )
    if found is None:
        raise Gone("This link was used or is too old. Ask for a new one.", code="reset_expired")
    return found


async def use_reset(session: AsyncSession, secret: str, now: datetime) -> Account:
    """The account whose password may be set now; the link is dead afterwards. Raises Gone as above."""
    account = await account_of_reset(session, secret, now)
    used = await session.execute(
        delete(PasswordReset).where(PasswordReset.digest == _digest(secret)).returning(PasswordReset.digest)
    )
    if used.scalar_one_or_none() is None:
        raise Gone("This link was used or is too old. Ask for a new one.", code="reset_expired")
    return account


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
