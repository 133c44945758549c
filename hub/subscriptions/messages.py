"""What was sent to hooks last, and trying one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.hub import Hub
from hub.jobs.find import newest
from hub.jobs.voiceover import around, sample_voiceover, voiceover_document
from hub.store.tables import Delivery
from hub.subscriptions.announcing import delivery_to
from hub.subscriptions.hooks import find_hook
from hub.webhooks.events import TEST


@dataclass(frozen=True, slots=True)
class Last:
    """A hook's newest message: when it was written, and `waiting`, `delivered` or `failed`."""

    at: datetime
    status: str


async def last_messages(session: AsyncSession, hook_ids: Iterable[str]) -> Mapping[str, Last]:
    """Of each hook that was sent one."""
    newest_of = (
        select(Delivery.hook_id, func.max(Delivery.created_at).label("at"))
        .where(Delivery.hook_id.in_(list(hook_ids)))
        .group_by(Delivery.hook_id)
        .subquery()
    )
    chosen = select(Delivery.hook_id, Delivery.created_at, Delivery.status).join(
        newest_of, (Delivery.hook_id == newest_of.c.hook_id) & (Delivery.created_at == newest_of.c.at)
    )
    return {hook_id: Last(at, status) for hook_id, at, status in await session.execute(chosen) if hook_id}


async def send_test(hub: Hub, account_id: str, hook_id: str) -> Delivery:
    """The account's newest finished voiceover, or a sample in the same shape. Raises NotFound."""
    async with hub.database.transaction() as session:
        hook = await find_hook(session, account_id, hook_id)
        page = await newest(session, account_id, limit=1, status="completed")
        delivery = delivery_to(hook, TEST, hub.now())
        delivery.payload = (
            voiceover_document(hub, page.rows[0], await around(session, page.rows[0]))
            if page.rows
            else sample_voiceover(hub, hub.now())
        )
        session.add(delivery)
    await hub.queue.enqueue_delivery(delivery.id, None)
    return delivery
