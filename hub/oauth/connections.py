"""What people have connected: one connection is one consent of one account to one app."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hub.errors import NotFound
from hub.oauth.lifetimes import REFRESH_TOKEN
from hub.store.oauth_tables import OauthClient, OauthCode, OauthGrant


@dataclass(frozen=True, slots=True)
class Connection:
    """`last_used_at` is exact to an hour: it moves when the app fetches a new access token."""

    id: str
    client_id: str
    app: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime


async def list_connections(session: AsyncSession, account_id: str, now: datetime) -> Sequence[Connection]:
    """The account's live connections, newest first."""
    chosen = (
        select(OauthGrant, OauthClient.name)
        .join(OauthClient, OauthClient.id == OauthGrant.client_id)
        .where(OauthGrant.account_id == account_id, OauthGrant.ended_at.is_(None))
        .where(OauthGrant.last_used_at > now - REFRESH_TOKEN)
        .order_by(OauthGrant.created_at.desc(), OauthGrant.id)
    )
    return [
        Connection(grant.id, grant.client_id, name, tuple(grant.scopes), grant.created_at, grant.last_used_at)
        for grant, name in await session.execute(chosen)
    ]


async def end_connection(
    session: AsyncSession, grant_id: str, *, now: datetime, by: str = "owner", account_id: str | None = None
) -> OauthGrant:
    """Kill every token of a connection, of any account or only `account_id`'s. Ending it twice is fine."""
    grant = await session.get(OauthGrant, grant_id, with_for_update=True)
    if grant is None or (account_id is not None and grant.account_id != account_id):
        raise NotFound("Connection not found")
    if grant.ended_at is None:
        grant.ended_at, grant.ended_by = now, by
    return grant


async def end_apps(session: AsyncSession, account_id: str, *, now: datetime, by: str = "owner") -> None:
    """End every connection of an account, and the codes that are on their way to become one."""
    live = update(OauthGrant).where(OauthGrant.account_id == account_id, OauthGrant.ended_at.is_(None))
    await session.execute(live.values(ended_at=now, ended_by=by))
    await session.execute(delete(OauthCode).where(OauthCode.account_id == account_id))
