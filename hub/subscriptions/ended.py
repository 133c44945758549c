"""Hooks that ended on their own: their owner is told by mail, and sees them for a month.

    written when the hook is dropped ──► its owner told ──► forgotten after KEPT

Each is a delivery that is never sent (`status` ENDED): its time is that of the next step, `attempts` counts
those that were made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import httpx
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hub.hub import Hub
from hub.mail import Letter, send_letter
from hub.store.hook_tables import HookSubscription
from hub.store.tables import Account, Delivery

ENDED: Final = "ended"
GONE: Final = "Its address answered 410: the Zap or the scenario is gone or switched off."
SPENT: Final = "For five days it took no message."
KEPT: Final = timedelta(days=30)
_AT_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class EndedHook:
    """`app` is the OAuth client that had subscribed it, if one had."""

    url: str
    events: Sequence[str]
    app: str | None
    reason: str
    at: datetime


def record_of(hook: HookSubscription, reason: str, now: datetime) -> Delivery:
    """What is left of a hook when it is dropped."""
    return Delivery(
        id=str(uuid4()),
        account_id=hook.account_id,
        hook_id=hook.id,
        flat=True,
        url=hook.target_url,
        event="hook.ended",
        payload={"app": hook.app, "events": hook.events, "reason": reason},
        status=ENDED,
        next_at=now,
        created_at=now,
    )


async def ended_hooks(session: AsyncSession, account_id: str) -> list[EndedHook]:
    """Newest first, without those whose target was subscribed again."""
    live = select(HookSubscription.target_url).where(HookSubscription.account_id == account_id)
    chosen = select(Delivery).where(
        Delivery.account_id == account_id, Delivery.status == ENDED, Delivery.url.not_in(live)
    )
    rows = await session.scalars(chosen.order_by(Delivery.created_at.desc()))
    return [EndedHook(row.url, at=row.created_at, **row.payload) for row in rows]


async def tell_owners(hub: Hub) -> int:
    """Returns how many owners were written to."""
    now = hub.now()
    due = select(Delivery.id, Delivery.attempts).where(Delivery.status == ENDED, Delivery.next_at <= now)
    async with hub.database.reading() as session:
        waiting = (await session.execute(due.limit(_AT_MOST))).all()
    told = 0
    for record_id, steps in waiting:
        if steps:
            async with hub.database.transaction() as session:
                await session.execute(delete(Delivery).where(Delivery.id == record_id))
        elif (letter := await _letter_of(hub, record_id, now)) is not None:
            await send_letter(hub.settings, letter)
            told += 1
    return told


async def _letter_of(hub: Hub, record_id: str, now: datetime) -> Letter | None:
    """None when another process writes it."""
    async with hub.database.transaction() as session:
        record = await session.scalar(
            update(Delivery)
            .where(Delivery.id == record_id, Delivery.attempts == 0)
            .values(attempts=1, next_at=now + KEPT)
            .returning(Delivery)
        )
        if record is None:
            return None
        email = await session.scalar(select(Account.email).where(Account.id == record.account_id))
    # The whole address is a secret between the builder and this hub.
    words = (
        f"A hook at {httpx.URL(record.url).host} was dropped. {record.payload['reason']} What begins with it "
        "there no longer hears of your voiceovers: switch the Zap or the scenario off and on again.\n\n"
        f"Your hooks: {hub.settings.base_url}/builders\n"
    )
    return Letter(email or "", "A Zap or a scenario no longer hears from Sayhook", words)
