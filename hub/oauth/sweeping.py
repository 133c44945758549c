"""Rows whose time is over are deleted, some after a while in which they still tell a replay from a guess."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select

from hub.hub import Hub
from hub.oauth.lifetimes import KEPT_AFTER_END, KEPT_AFTER_EXPIRY, REFRESH_TOKEN
from hub.store.oauth_tables import OauthCode, OauthGrant, OauthToken
from hub.store.tables import Table

_AT_MOST = 1000


@dataclass(frozen=True, slots=True)
class OauthSweepReport:
    """How many rows were deleted."""

    codes: int
    tokens: int
    connections: int


async def sweep(hub: Hub) -> OauthSweepReport:
    """Delete what is past its time, a bounded number a round. May be repeated and run by many processes."""
    now = hub.now()
    return OauthSweepReport(
        codes=await _deleted(hub, OauthCode, OauthCode.digest, _dead_codes(now)),
        tokens=await _deleted(hub, OauthToken, OauthToken.digest, _dead_tokens(now)),
        connections=await _deleted(hub, OauthGrant, OauthGrant.id, _dead_connections(now)),
    )


async def _deleted(hub: Hub, table: type[Table], key: Any, dead: ColumnElement[bool]) -> int:
    async with hub.database.reading() as session:  # so that an idle hub never takes the write lock
        if not await session.scalar(select(exists().where(dead))):
            return 0
    async with hub.database.transaction() as session:
        keys = (await session.scalars(select(key).where(dead).limit(_AT_MOST))).all()
        await session.execute(delete(table).where(key.in_(keys)))
    return len(keys)


def _dead_codes(now: datetime) -> ColumnElement[bool]:
    return OauthCode.expires_at < now - KEPT_AFTER_EXPIRY


def _dead_tokens(now: datetime) -> ColumnElement[bool]:
    """A used refresh token stays for as long as it would have lived, or its connection: a copy of it that is
    used then must still be noticed."""
    return OauthToken.expires_at < now - KEPT_AFTER_EXPIRY


def _dead_connections(now: datetime) -> ColumnElement[bool]:
    unused = and_(
        OauthGrant.ended_at.is_(None), OauthGrant.last_used_at < now - REFRESH_TOKEN - KEPT_AFTER_END
    )
    return or_(OauthGrant.ended_at < now - KEPT_AFTER_END, unused)
