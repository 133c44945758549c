"""API keys: shown once, kept as a digest, limited by scopes.

A key is 256 random bits, so a plain SHA-256 cannot be searched backwards; a slow password hash would only
slow every request down.
"""

from __future__ import annotations

import hashlib
import secrets as random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hub.accounts.plans import Limits, limits_of
from hub.accounts.scopes import SCOPES
from hub.errors import Conflict, NotFound, Unauthenticated, Unprocessable
from hub.store.tables import Account, ApiKey

KEY_START = "shk_"
_SHOWN = len(KEY_START) + 6
_LAST_USED_STEP = timedelta(minutes=1)
_LARGEST_CAP = 1_000_000_000
ROTATION_OVERLAP = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class NewKey:
    """`secret` exists here and nowhere else: whoever asked for the key must be shown it now."""

    id: str
    secret: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from, and what it may do.

    `app` is the OAuth client that acts for the account, and `key_id` its connection; None with an API key.
    """

    account_id: str
    key_id: str
    scopes: frozenset[str]
    limits: Limits
    app: str | None = None


async def create_key(
    session: AsyncSession,
    *,
    account_id: str,
    name: str,
    now: datetime,
    scopes: Iterable[str] = tuple(SCOPES),
    expires_at: datetime | None = None,
    credits_per_day: int | None = None,
    credits_per_month: int | None = None,
) -> NewKey:
    """A new key. The caps count what the key's own generations cost, by day and by month in UTC."""
    wanted = list(dict.fromkeys(scopes))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        raise Unprocessable("scopes", f"must be some of {', '.join(SCOPES)}.")
    if expires_at is not None and expires_at <= now:
        raise Unprocessable("expires_at", "must lie in the future.")
    for field, cap in (("credits_per_day", credits_per_day), ("credits_per_month", credits_per_month)):
        if cap is not None and not 0 < cap <= _LARGEST_CAP:
            raise Unprocessable(field, f"must be a whole number from 1 to {_LARGEST_CAP}.")
    secret = KEY_START + random.token_urlsafe(32)
    key = ApiKey(
        id=str(uuid4()),
        account_id=account_id,
        name=name.strip()[:100] or "API key",
        prefix=secret[:_SHOWN],
        digest=_digest(secret),
        scopes=wanted,
        created_at=now,
        expires_at=expires_at,
        credits_per_day=credits_per_day,
        credits_per_month=credits_per_month,
    )
    session.add(key)
    await session.flush()
    return NewKey(key.id, secret, key.prefix)


async def authenticate(session: AsyncSession, secret: str, now: datetime) -> Caller:
    """The caller behind a secret; raises Unauthenticated when it is unknown, revoked or expired."""
    found = (
        await session.execute(
            select(ApiKey, Account)
            .join(Account, Account.id == ApiKey.account_id)
            .where(
                ApiKey.digest == _digest(secret),
                ApiKey.revoked_at.is_(None),
                Account.closed_at.is_(None),
                or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now),
            )
        )
    ).one_or_none()
    if found is None:
        raise Unauthenticated(presented=True)
    key, account = found
    return Caller(account.id, key.id, frozenset(key.scopes), limits_of(account))


async def note_use(session: AsyncSession, key_id: str, now: datetime) -> None:
    """Remember when a key was last used, to the minute: at most one write a minute and key."""
    await session.execute(
        update(ApiKey)
        .where(ApiKey.id == key_id)
        .where(or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < now - _LAST_USED_STEP))
        .values(last_used_at=now)
    )


async def list_keys(session: AsyncSession, account_id: str) -> Sequence[ApiKey]:
    chosen = select(ApiKey).where(ApiKey.account_id == account_id).order_by(ApiKey.created_at, ApiKey.id)
    return (await session.scalars(chosen)).all()


async def revoke_key(
    session: AsyncSession, key_id: str, *, now: datetime, account_id: str | None = None
) -> ApiKey:
    """Revoke a key for good; revoking it twice is fine. With `account_id`, only a key of that account."""
    key = await session.get(ApiKey, key_id)
    if key is None or (account_id is not None and key.account_id != account_id):
        raise NotFound("API key not found")
    key.revoked_at = key.revoked_at or now
    return key


async def rotate_key(
    session: AsyncSession,
    key_id: str,
    *,
    now: datetime,
    account_id: str,
    overlap: timedelta = ROTATION_OVERLAP,
) -> NewKey:
    """A new key with the rights and caps of a live one, which itself works for `overlap` more.

    The new key has the old one's end, if any; each counts its own spending from now on.
    """
    old = await session.get(ApiKey, key_id, with_for_update=True)
    if old is None or old.account_id != account_id:
        raise NotFound("API key not found")
    if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= now):
        raise Conflict("This key is dead already; make a new one.", code="key_dead")
    fresh = await create_key(
        session,
        account_id=account_id,
        name=old.name,
        scopes=old.scopes,
        expires_at=old.expires_at,
        credits_per_day=old.credits_per_day,
        credits_per_month=old.credits_per_month,
        now=now,
    )
    old.expires_at = min(now + overlap, old.expires_at or now + overlap)
    return fresh


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
