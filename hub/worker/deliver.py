"""The deliver worker: reads events, pushes audio, sends messages; many at once, and it holds no voices."""

from __future__ import annotations

import uvloop

from hub.deliveries.sending import LEASE_SECONDS
from hub.hub import open_hub
from hub.queue.connection import worker_client
from hub.queue.location import redis_url
from hub.queue.names import DELIVER
from hub.settings import Settings
from hub.supervised import follow_supervisor
from hub.worker.errands import Errands
from hub.worker.lease import LeaseWorker
from hub.worker.name import worker_name
from hub.worker.service import GRACE_SECONDS, Service
from webhooks.guard import open_client, policy_for

AT_ONCE = 50
"""Deliveries under way at the same time in one process."""


def run_deliver(settings: Settings, *, grace: float = GRACE_SECONDS) -> None:
    """Serve the deliver queue until SIGTERM or SIGINT. Raises QueueAway when no queue was ever started."""
    follow_supervisor()
    uvloop.run(_serve(settings, grace))


async def _serve(settings: Settings, grace: float) -> None:
    policy = policy_for(allow_private=settings.allow_private_callbacks)
    async with open_hub(settings) as hub, open_client(policy) as client:
        job = Errands(hub, client)
        worker = LeaseWorker(
            job.run,
            kind=DELIVER,
            redis=worker_client(redis_url(settings)),
            name=worker_name(),
            lease=LEASE_SECONDS,
            max_jobs=AT_ONCE,
            after=job.after,
        )
        # An attempt is shorter than the grace: there is nothing to interrupt.
        await Service(hub, worker, interrupt=lambda: None, grace=grace).run()
