"""Hooks whose app is no longer connected are ended, and targets that want to know are told (DELETE)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import httpx
from sqlalchemy import delete, select, update

from hub.hub import Hub
from hub.store.hook_tables import HookGoodbye, HookSubscription
from hub.subscriptions.hooks import end_hook
from hub.webhooks.disconnected import is_connected
from webhooks.delivery import USER_AGENT
from webhooks.exchange import exchange
from webhooks.guard import open_client, policy_for

_AT_MOST: Final = 100
_MOST_TRIES: Final = 6
_PAUSE: Final = timedelta(minutes=10)
_KEPT_AWAY: Final = (408, 425, 429)


async def sweep(hub: Hub) -> int:
    """Returns how many targets were told."""
    await _end_disconnected(hub)
    due = select(HookGoodbye.id, HookGoodbye.target_url, HookGoodbye.tries)
    async with hub.database.reading() as session:
        waiting = (await session.execute(due.where(HookGoodbye.next_at <= hub.now()).limit(_AT_MOST))).all()
    if not waiting:
        return 0
    told = 0
    async with open_client(policy_for(allow_private=hub.settings.allow_private_callbacks)) as client:
        for goodbye_id, url, tries in waiting:
            if await _taken(hub, goodbye_id, tries):
                told += await _say(hub, client, goodbye_id, url, tries + 1)
    return told


async def _end_disconnected(hub: Hub) -> None:
    lost = select(HookSubscription.id).where(
        HookSubscription.app.is_not(None),
        ~is_connected(HookSubscription.account_id, HookSubscription.app, hub.now()),
    )
    async with hub.database.reading() as session:
        hook_ids = (await session.scalars(lost.limit(_AT_MOST))).all()
    for hook_id in hook_ids:
        async with hub.database.transaction() as session:
            hook = await session.get(HookSubscription, hook_id, with_for_update=True)
            if hook is not None:
                await end_hook(session, hook, hub.now())


async def _taken(hub: Hub, goodbye_id: str, tries: int) -> bool:
    """Of several processes one tries, and none again before the pause is over."""
    async with hub.database.transaction() as session:
        taken = await session.execute(
            update(HookGoodbye)
            .where(HookGoodbye.id == goodbye_id, HookGoodbye.tries == tries)
            .values(tries=tries + 1, next_at=_later(hub.now(), tries))
            .returning(HookGoodbye.id)
        )
        return taken.scalar_one_or_none() is not None


async def _say(hub: Hub, client: httpx.AsyncClient, goodbye_id: str, url: str, tries: int) -> bool:
    answer = await exchange(client, "DELETE", url, headers={"user-agent": USER_AGENT})
    heard = answer.status is not None and answer.status < 500 and answer.status not in _KEPT_AWAY
    if heard or tries >= _MOST_TRIES:
        async with hub.database.transaction() as session:
            await session.execute(delete(HookGoodbye).where(HookGoodbye.id == goodbye_id))
    return heard


def _later(now: datetime, tries: int) -> datetime:
    return now + _PAUSE * 3.0**tries
