"""Deliveries the queue does not know of, because it forgot them or because their time has only now come."""

from __future__ import annotations

from hub.deliveries.attempts import due
from hub.hub import Hub

_AT_MOST = 500


async def sweep(hub: Hub) -> int:
    """Enqueue what is due; the queue ignores what it has already. Returns how many were new to it."""
    async with hub.database.reading() as session:
        waiting = await due(session, hub.now(), _AT_MOST)
    enqueued = 0
    for delivery_id in waiting:
        enqueued += await hub.queue.enqueue_delivery(delivery_id, None)
    return enqueued
