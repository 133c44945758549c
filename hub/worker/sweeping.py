"""The sweeper's rounds: what the queue forgot is put back from the record. Every worker walks them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from random import uniform

from hub import deliveries, jobs, oauth, voices
from hub.accounts import sweeping as accounts
from hub.connections import sweeping as connections
from hub.hub import Hub
from hub.jobs import retention
from hub.subscriptions import sweeping as subscriptions
from hub.webhooks.disconnected import forget_disconnected
from hub.worker.failures import describe

Round = Callable[[Hub], Awaitable[object]]

ROUNDS: Sequence[Round] = (
    jobs.sweep,
    deliveries.sweep,
    deliveries.forget_old,
    oauth.sweep,
    connections.sweep,
    connections.forget_old,
    forget_disconnected,
    subscriptions.sweep,
    retention.sweep,
    accounts.sweep,
    voices.sweep,
)

RARE_ROUNDS: Sequence[Round] = (jobs.sweep_unknown,)
"""They look at everything there is."""

FIRST_RARE, EVERY_RARE = timedelta(minutes=10), timedelta(hours=6)

log = logging.getLogger(__name__)


async def sweep_on(
    hub: Hub,
    stop: asyncio.Event,
    rounds: Sequence[Round] = ROUNDS,
    rare: Sequence[Round] = RARE_ROUNDS,
    first_rare: timedelta = FIRST_RARE,
) -> None:
    """Walk the rounds until `stop` is set. Outlives whatever goes wrong in one of them."""
    rare_at = hub.now() + first_rare * uniform(0.5, 1.5)  # noqa: S311 - nothing secret
    while not stop.is_set():
        is_rare = hub.now() >= rare_at
        rare_at += EVERY_RARE * is_rare
        for walk in (*rounds, *rare) if is_rare else rounds:
            try:
                await walk(hub)
            except Exception as error:
                log.warning("a round of the sweeper was cut short: %s", describe(error))
        # Several processes should not walk in step.
        pause = hub.settings.sweep_interval * uniform(0.8, 1.2)  # noqa: S311 - nothing secret
        try:
            await asyncio.wait_for(stop.wait(), pause)
        except TimeoutError:
            continue
