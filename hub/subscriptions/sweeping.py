"""Hooks whose app is no longer connected are ended, and targets that want to know are told (DELETE)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import httpx
from sqlalchemy import delete, select, update

from hub.hub import Hub
from hub.store.hook_tables import HookGoodbye, HookSubscription
from hub.subscriptions.ended import tell_owners
from hub.subscriptions.hooks import end_hook
from hub.webhooks.disconnected import is_connected
from webhooks.delivery import USER_AGENT
from webhooks.exchange import Bounds, exchange
from webhooks.guard import open_client, policy_for

AT_ONCE: Final = 20
ROUND_SECONDS: Final = 10.0
"""When no more are told in this round: the sweeper has other rounds to walk."""

_BOUNDS: Final = Bounds(seconds=5.0)
_AT_MOST: Final = 100
_MOST_TRIES: Final = 6
_PAUSE: Final = timedelta(minutes=10)
_KEPT_AWAY: Final = (408, 425, 429)


async def sweep(hub: Hub) -> int:
    """Returns how many targets were told."""
    await _end_disconnected(hub)
    await tell_owners(hub)
    due = select(HookGoodbye.id, HookGoodbye.target_url, HookGoodbye.tries)
    async with hub.database.reading() as session:
        waiting = (await session.execute(due.where(HookGoodbye.next_at <= hub.now()).limit(_AT_MOST))).all()
    return await _tell(hub, [_Goodbye(*row) for row in waiting]) if waiting else 0


@dataclass(frozen=True, slots=True)
class _Goodbye:
    id: str
    url: str
    tries: int


async def _tell(hub: Hub, waiting: Sequence[_Goodbye]) -> int:
    """Many at once, and none that the round has no time left for."""
    turn, until = asyncio.Semaphore(AT_ONCE), time.monotonic() + ROUND_SECONDS
    async with open_client(policy_for(allow_private=hub.settings.allow_private_callbacks)) as client:

        async def one(goodbye: _Goodbye) -> bool:
            async with turn:
                in_time = time.monotonic() < until
                return in_time and await _taken(hub, goodbye) and await _say(hub, client, goodbye)

        return sum(await asyncio.gather(*map(one, waiting)))


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


async def _taken(hub: Hub, goodbye: _Goodbye) -> bool:
    """Of several processes one tries, and none again before the pause is over."""
    async with hub.database.transaction() as session:
        taken = await session.execute(
            update(HookGoodbye)
            .where(HookGoodbye.id == goodbye.id, HookGoodbye.tries == goodbye.tries)
            .values(tries=goodbye.tries + 1, next_at=_later(hub.now(), goodbye.tries))
            .returning(HookGoodbye.id)
        )
        return taken.scalar_one_or_none() is not None


async def _say(hub: Hub, client: httpx.AsyncClient, goodbye: _Goodbye) -> bool:
    headers = {"user-agent": USER_AGENT}
    answer = await exchange(client, "DELETE", goodbye.url, headers=headers, bounds=_BOUNDS)
    heard = answer.status is not None and answer.status < 500 and answer.status not in _KEPT_AWAY
    if heard or goodbye.tries + 1 >= _MOST_TRIES:
        async with hub.database.transaction() as session:
            await session.execute(delete(HookGoodbye).where(HookGoodbye.id == goodbye.id))
    return heard


def _later(now: datetime, tries: int) -> datetime:
    return now + _PAUSE * 3.0**tries
