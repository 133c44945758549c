"""Endpoints that an app added through OAuth go when the account's connection to the app does."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute as Column

from hub.errors import NotFound
from hub.hub import Hub
from hub.store.connection_tables import WebhookEndpoint
from hub.store.oauth_tables import OauthGrant
from hub.webhooks.endpoints import delete_endpoint

TIME_TO_RECONNECT: Final = timedelta(days=7)
"""After a connection ended because one of its tokens was used twice: platforms keep the endpoints they added
across a new sign-in and do not add them again."""

_BY_REUSE: Final = ("code_reuse", "token_reuse")
_AT_MOST: Final = 100


async def forget_disconnected(hub: Hub) -> int:
    """Returns how many endpoints were deleted."""
    chosen = select(WebhookEndpoint.account_id, WebhookEndpoint.id).where(
        WebhookEndpoint.app.is_not(None),
        ~is_connected(WebhookEndpoint.account_id, WebhookEndpoint.app, hub.now()),
    )
    async with hub.database.reading() as session:
        lost = (await session.execute(chosen.limit(_AT_MOST))).all()
    for account_id, endpoint_id in lost:
        try:
            await delete_endpoint(hub, account_id, endpoint_id)
        except NotFound:
            continue  # another process was quicker
    return len(lost)


def is_connected(account: Column[str], app: Column[str | None], now: datetime) -> ColumnElement[bool]:
    """Any connection of the account to the app counts: a person who signs in again makes a new one."""
    may_come_back = and_(OauthGrant.ended_by.in_(_BY_REUSE), OauthGrant.ended_at > now - TIME_TO_RECONNECT)
    return exists().where(
        OauthGrant.account_id == account,
        OauthGrant.client_id == app,
        or_(OauthGrant.ended_at.is_(None), may_come_back),
    )
