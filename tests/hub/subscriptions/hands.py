"""Deliver workers that a test's own clock drives."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from hub.deliveries.attempts import due
from hub.deliveries.sending import LEASE_SECONDS, DeliverJob
from hub.hub import Hub
from hub.store.tables import Delivery
from webhooks.circuit import Rules
from webhooks.guard import open_client, policy_for
from webhooks.pacing import Pace
from webhooks.traffic import Traffic

AT_ONCE = 20


class Hands:
    """Deliver workers over a clock that is moved on to whatever is due next, and that may be killed."""

    def __init__(self, hub: Hub) -> None:
        self.at = hub.now()
        self.hub = Hub(hub.settings, hub.database, hub.blobs, hub.queue, hub.secrets, lambda: self.at)

    async def deliver(self, *, kill_after: int = 0) -> None:
        """Until nothing waits. A kill stops the workers where they are, whatever they meant to record."""
        done = 0
        while (left := await self._next_due()) is not None:
            self.at = max(self.at, left)
            async with self.hub.database.reading() as session:
                waiting = await due(session, self.at, AT_ONCE)
            if not waiting:
                self.at += timedelta(seconds=LEASE_SECONDS)  # of the killed
                continue
            done += len(waiting)
            killed = bool(kill_after) and done > kill_after
            await self._try(waiting, killed=killed)
            kill_after = 0 if killed else kill_after

    async def _try(self, waiting: Sequence[str], *, killed: bool) -> None:
        traffic = Traffic(rules=Rules(calls=10**9))
        async with open_client(policy_for(allow_private=True)) as client:
            pace = Pace(1e6, 10**6, at_once=AT_ONCE)
            job = DeliverJob(self.hub, client, traffic=traffic, builder_pace=pace)
            tasks = [asyncio.create_task(job.run({"job_id": one})) for one in waiting]
            if killed:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in tasks:
                    task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _next_due(self) -> datetime | None:
        chosen = select(func.min(Delivery.next_at)).where(Delivery.status == "waiting")
        async with self.hub.database.reading() as session:
            found: datetime | None = await session.scalar(chosen)
        return found
