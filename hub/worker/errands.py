"""The deliver queue's jobs by the form of their ids: events to read, platforms to look
through, audio to push, messages to deliver."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import httpx

from hub.connections.jobs import EVENTS, LOOK, PUSH
from hub.connections.looking import LookJob
from hub.connections.processing import EventsJob
from hub.connections.pushing import PushJob
from hub.deliveries.sending import DeliverJob
from hub.hub import Hub
from hub.worker.failures import describe
from webhooks.traffic import Traffic

_PAUSE = timedelta(seconds=10)

log = logging.getLogger(__name__)


class Errands:
    """`client` is one of `webhooks.guard.open_client`. All jobs share one pace for each host."""

    def __init__(self, hub: Hub, client: httpx.AsyncClient, *, traffic: Traffic | None = None) -> None:
        traffic = traffic or Traffic()
        self._hub = hub
        self._events = EventsJob(hub, client)
        self._looks = LookJob(hub, client)
        self._pushes = PushJob(hub, client, traffic=traffic)
        self._deliveries = DeliverJob(hub, client, traffic=traffic)

    async def run(self, context: dict[Any, Any]) -> None:
        """Never raises: ARQ would drop the job. What is left undone the sweeper finds in the record."""
        try:
            await self._job(context).run(context)
        except Exception as error:
            log.error("errand %s was left for later: %s", context["job_id"], describe(error))
            context["next_at"] = self._hub.now() + _PAUSE

    async def after(self, context: dict[Any, Any]) -> None:
        await self._job(context).after(context)

    def _job(self, context: dict[Any, Any]) -> EventsJob | LookJob | PushJob | DeliverJob:
        job_id: str = context["job_id"]
        if job_id.startswith(LOOK):
            return self._looks
        if job_id.startswith(EVENTS):
            return self._events
        return self._pushes if job_id.startswith(PUSH) else self._deliveries
