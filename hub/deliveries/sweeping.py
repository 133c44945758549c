"""Deliveries the queue does not know of, because it forgot them or because their time has only now come."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select

from hub.deliveries.attempts import WAITING, due
from hub.hub import Hub
from hub.store.tables import Delivery, DeliveryAttempt

KEPT: Final = timedelta(days=30)
"""How long a message and its tries can be looked up and sent again."""

_AT_MOST = 500


async def sweep(hub: Hub) -> int:
    """Enqueue what is due; the queue ignores what it has already. Returns how many were new to it."""
    async with hub.database.reading() as session:
        waiting = await due(session, hub.now(), _AT_MOST)
    enqueued = 0
    for delivery_id in waiting:
        enqueued += await hub.queue.enqueue_delivery(delivery_id, None)
    return enqueued


async def forget_old(hub: Hub) -> None:
    """Drop messages whose time is over, with their tries."""
    old = (Delivery.created_at <= hub.now() - KEPT, Delivery.status != WAITING)
    async with hub.database.reading() as session:
        chosen = (await session.scalars(select(Delivery.id).where(*old).limit(_AT_MOST))).all()
    if not chosen:
        return
    async with hub.database.transaction() as session:
        await session.execute(delete(DeliveryAttempt).where(DeliveryAttempt.delivery_id.in_(chosen)))
        await session.execute(delete(Delivery).where(Delivery.id.in_(chosen), *old))
