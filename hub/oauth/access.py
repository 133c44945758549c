"""Access tokens at the API (RFC 6750): the caller behind one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.accounts import Caller, limits_of
from hub.errors import Unauthenticated
from hub.oauth.credentials import ACCESS_START, digest
from hub.store.oauth_tables import OauthGrant, OauthToken
from hub.store.tables import Account

_OVER = "Missing or invalid API key: this access token has expired or was revoked. Refresh it."


def is_access_token(secret: str) -> bool:
    return secret.startswith(ACCESS_START)


async def authenticate_token(session: AsyncSession, secret: str, now: datetime) -> Caller:
    """The account that allowed the app, and the scopes it allowed. Raises Unauthenticated when it is over."""
    found = (
        await session.execute(
            select(OauthToken, OauthGrant, Account)
            .join(OauthGrant, OauthGrant.id == OauthToken.grant_id)
            .join(Account, Account.id == OauthGrant.account_id)
            .where(
                OauthToken.digest == digest(secret),
                OauthToken.kind == "access",
                OauthToken.expires_at > now,
                OauthToken.revoked_at.is_(None),
                OauthGrant.ended_at.is_(None),
                Account.closed_at.is_(None),
            )
        )
    ).one_or_none()
    if found is None:
        raise Unauthenticated(_OVER, presented=True)
    token, grant, account = found
    return Caller(account.id, grant.id, frozenset(token.scopes), limits_of(account), app=grant.client_id)
