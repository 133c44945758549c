"""The deliver job: take a due delivery, try it once, record what came of it."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
from cryptography.fernet import InvalidToken
from sqlalchemy.exc import DBAPIError

from hub.deliveries.attempts import (
    Destination,
    Leased,
    destination,
    lease,
    place_of_lease,
    place_of_record,
    record_attempt,
)
from hub.deliveries.message import compose
from hub.deliveries.shared_pace import SharedPace
from hub.hub import Hub
from hub.store.together import Together
from hub.webhooks.telling import tell_if_switched_off
from webhooks.delivery import send
from webhooks.pacing import BUILDER_PACE, Pace
from webhooks.schedule import Uniform
from webhooks.traffic import Sender, Traffic
from webhooks.values import Attempt, Outcome

LEASE_SECONDS = 45.0
"""Longer than an attempt can take (`webhooks.exchange.DEADLINE_SECONDS`) and its record with it."""

_RECORD_PAUSES = (0.1, 1.0, 5.0)
_LEAST_WAIT = 1.0
_NEXT_AT = "next_at"

log = logging.getLogger(__name__)


class DeliverJob:
    """`client` is one of `webhooks.guard.open_client`; `traffic` keeps a slow host from holding up the rest.

    `clock` is any number of seconds that only grows; `builder_pace` is how scenario builders are
    called by all deliver workers together.
    """

    def __init__(
        self,
        hub: Hub,
        client: httpx.AsyncClient,
        *,
        traffic: Traffic | None = None,
        uniform: Uniform = random.uniform,
        clock: Callable[[], float] = time.monotonic,
        builder_pace: Pace = BUILDER_PACE,
    ) -> None:
        self._hub = hub
        self._client = client
        self._traffic = traffic or Traffic()
        self._uniform = uniform
        self._clock = clock
        self._builder_pace = SharedPace(hub.queue, builder_pace, clock)
        self._together = Together(hub.database)

    async def run(self, context: dict[Any, Any]) -> None:
        """Never raises: ARQ would drop the delivery. What is left undone the sweeper finds in the record."""
        delivery_id: str = context["job_id"]
        try:
            await self._deliver(delivery_id, context)
        except Exception as error:
            log.error("delivery %s was left to the sweeper: %s", delivery_id, type(error).__name__)

    async def after(self, context: dict[Any, Any]) -> None:
        """Once ARQ has let go of a delivery that is to be tried again, it waits in the queue for its time."""
        if _NEXT_AT in context:
            await self._hub.queue.enqueue_delivery(context["job_id"], context[_NEXT_AT])

    async def _deliver(self, delivery_id: str, context: dict[Any, Any]) -> None:
        async with self._hub.database.reading() as session:
            to = await destination(session, delivery_id, self._hub.now())
        if to is None:
            return
        pause = await self._pause_before(to)
        if pause:
            # Nothing is written: a thousand messages to one sleeping host must not wear out the record.
            context[_NEXT_AT] = self._hub.now() + timedelta(seconds=pause)
            return
        attempt: Attempt | None = None
        try:
            leased = await self._together.write(
                lambda session: lease(session, delivery_id, self._hub.now(), LEASE_SECONDS),
                place_of_lease(delivery_id),
            )
            if leased is None:
                return
            attempt = await self._attempt(leased)
        finally:
            self._tell_traffic(to, attempt)
        next_at = await self._record(leased, attempt)
        if next_at is not None:
            context[_NEXT_AT] = next_at
        if leased.endpoint_id is not None and attempt.outcome is not Outcome.DELIVERED:
            await tell_if_switched_off(self._hub, leased.endpoint_id, attempt.at)

    async def _record(self, leased: Leased, attempt: Attempt) -> datetime | None:
        """What the receiver took and we do not know of would be sent again: a record that was away for a
        moment, or chose another process's write over ours, is asked once more."""
        for pause in _RECORD_PAUSES:
            try:
                return await self._write(leased, attempt)
            except DBAPIError as error:
                log.warning("delivery %s is recorded again: %s", leased.id, type(error.orig).__name__)
                await asyncio.sleep(pause * self._uniform(0.5, 1.5))
        return await self._write(leased, attempt)

    async def _write(self, leased: Leased, attempt: Attempt) -> datetime | None:
        return await self._together.write(
            lambda session: record_attempt(session, leased, attempt, self._uniform),
            place_of_record(leased, attempt),
        )

    async def _pause_before(self, to: Destination) -> float:
        """0 when the call may be prepared now."""
        if not to.flat:
            wait = self._traffic.admit(to.url, self._clock(), Sender(to.account_id))
            return max(wait, _LEAST_WAIT) * self._uniform(1.0, 2.0) if wait else 0.0
        pace = await self._builder_pace.now()
        return self._traffic.enter(to.url, self._clock(), pace, Sender(to.account_id))

    async def _attempt(self, leased: Leased) -> Attempt:
        """Never raises: what cannot be sent must use up its tries too, not be tried for ever."""
        try:
            return await self._send(leased)
        except InvalidToken:
            return self._unsent(
                "The signing secret cannot be read: its key is no longer in SAYHOOK_SECRET_KEY."
            )
        except Exception as error:
            log.error("delivery %s could not be made: %s", leased.id, type(error).__name__)
            return self._unsent("The message could not be made; this is a fault of the hub.")

    async def _send(self, leased: Leased) -> Attempt:
        message = await compose(self._hub, leased)
        if message is None:
            missing = (
                "webhook is switched off"
                if leased.endpoint_id is not None
                else "generation is no longer there"
            )
            return self._unsent(f"The {missing}.", Outcome.REFUSED)
        if leased.flat:
            pace, sender = await self._builder_pace.now(), Sender(leased.account_id)
            await asyncio.sleep(self._traffic.leave(leased.url, self._clock(), pace, sender))
        return await send(message, client=self._client, now=self._hub.now)

    def _unsent(self, error: str, outcome: Outcome = Outcome.RETRY) -> Attempt:
        return Attempt(self._hub.now(), None, 0, error, None, outcome)

    def _tell_traffic(self, to: Destination, attempt: Attempt | None) -> None:
        sender = Sender(to.account_id)
        if attempt is None or (attempt.status is None and attempt.fault is None):
            self._traffic.abandon(to.url, self._clock(), sender)
        else:
            self._traffic.record(to.url, attempt, self._clock(), sender)
