"""Signed-in browsers: opened at sign-in, dead after a week unused or a month in all.

The secret in the cookie is 256 random bits, new at every sign-in, and kept only as its SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hub.store.people_tables import BrowserSession
from hub.store.tables import Account

IDLE = timedelta(days=7)
LIFETIME = timedelta(days=30)
_SEEN_STEP = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session and whose it is. `is_stale` says that its last use should be noted."""

    session: BrowserSession
    account: Account
    is_stale: bool


def session_digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


async def open_session(session: AsyncSession, *, account_id: str, browser: str, now: datetime) -> str:
    """A new session; returns the secret for the cookie, which is kept nowhere else."""
    secret = random.token_urlsafe(32)
    session.add(
        BrowserSession(
            id=str(uuid4()),
            digest=session_digest(secret),
            account_id=account_id,
            browser=browser[:200],
            created_at=now,
            seen_at=now,
            expires_at=now + LIFETIME,
        )
    )
    await session.flush()
    return secret


async def find_session(session: AsyncSession, secret: str, now: datetime) -> SignedIn | None:
    found = (
        await session.execute(
            select(BrowserSession, Account)
            .join(Account, Account.id == BrowserSession.account_id)
            .where(
                BrowserSession.digest == session_digest(secret),
                BrowserSession.expires_at > now,
                BrowserSession.seen_at > now - IDLE,
                Account.closed_at.is_(None),
            )
        )
    ).one_or_none()
    if found is None:
        return None
    row, account = found
    return SignedIn(row, account, row.seen_at < now - _SEEN_STEP)


async def note_seen(session: AsyncSession, session_id: str, now: datetime) -> None:
    await session.execute(update(BrowserSession).where(BrowserSession.id == session_id).values(seen_at=now))


async def list_sessions(session: AsyncSession, account_id: str, now: datetime) -> list[BrowserSession]:
    """The account's live sessions, the last used first."""
    chosen = (
        select(BrowserSession)
        .where(
            BrowserSession.account_id == account_id,
            BrowserSession.expires_at > now,
            BrowserSession.seen_at > now - IDLE,
        )
        .order_by(BrowserSession.seen_at.desc(), BrowserSession.id)
    )
    return list(await session.scalars(chosen))


async def close_session(session: AsyncSession, secret: str) -> None:
    await session.execute(delete(BrowserSession).where(BrowserSession.digest == session_digest(secret)))


async def close_all_sessions(session: AsyncSession, account_id: str) -> None:
    await session.execute(delete(BrowserSession).where(BrowserSession.account_id == account_id))


async def leave_message(session: AsyncSession, session_id: str, message: str) -> None:
    """What the next page of this browser shows once; the caller encrypts it."""
    await session.execute(
        update(BrowserSession).where(BrowserSession.id == session_id).values(message=message)
    )


async def take_message(session: AsyncSession, session_id: str) -> str | None:
    """The message left, given to one taker only."""
    row = await session.get(BrowserSession, session_id, with_for_update=True)
    if row is None or row.message is None:
        return None
    message, row.message = row.message, None
    return message


def packed(message: Mapping[str, str]) -> str:
    return json.dumps(dict(message))


def unpacked(message: str) -> dict[str, str]:
    return {str(name): str(value) for name, value in json.loads(message).items()}
