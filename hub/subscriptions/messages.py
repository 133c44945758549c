"""What was sent to hooks last, and trying one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.hub import Hub
from hub.jobs.voiceover import around, sample_voiceover, voiceover_document
from hub.store.connection_tables import InboundEvent
from hub.store.hook_tables import HookSubscription
from hub.store.tables import Delivery, Generation
from hub.subscriptions.announcing import PREVIEW, TEST_ORIGIN, delivery_to
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


async def send_test(hub: Hub, account_id: str, hook_id: str, *, app: str | None = None) -> Delivery:
    """The newest voiceover that the hook would hear of, or a sample of one. Raises NotFound."""
    async with hub.database.transaction() as session:
        hook = await find_hook(session, account_id, hook_id, app=app)
        found = await session.scalar(_heard_by(hook).order_by(Generation.created_at.desc()).limit(1))
        delivery = delivery_to(hook, TEST, hub.now())
        delivery.payload = (
            _sample_for(hub, hook)
            if found is None
            else voiceover_document(hub, found, await around(session, found))
        )
        session.add(delivery)
    await hub.queue.enqueue_delivery(delivery.id, None)
    return delivery


def _heard_by(hook: HookSubscription) -> Select[Generation]:
    events = select(InboundEvent.generation_id).where(InboundEvent.generation_id.is_not(None))
    chosen = select(Generation).where(
        Generation.account_id == hook.account_id,
        Generation.deleted_at.is_(None),
        Generation.status.in_(_statuses(hook)),
        Generation.source != PREVIEW,
        Generation.id.not_in(events.where(InboundEvent.origin == TEST_ORIGIN)),
    )
    if hook.mode is not None:
        chosen = chosen.where(Generation.mode == hook.mode)
    if hook.voice_id is not None:
        chosen = chosen.where(Generation.voice_id == hook.voice_id)
    if hook.connection_id is not None:
        read = events.where(InboundEvent.connection_id == hook.connection_id)
        chosen = chosen.where(Generation.id.in_(read))
    return chosen


def _statuses(hook: HookSubscription) -> list[str]:
    return [str(event).removeprefix("generation.") for event in hook.events]


def _sample_for(hub: Hub, hook: HookSubscription) -> dict[str, Any]:
    status = _statuses(hook)[0]
    besides = {"mode": hook.mode, "voice_id": hook.voice_id, "connection_id": hook.connection_id}
    return sample_voiceover(hub, hub.now(), status) | {key: value for key, value in besides.items() if value}
