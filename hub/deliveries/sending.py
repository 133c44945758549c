"""The deliver job: take a due delivery, try it once, record what came of it."""

from __future__ import annotations

import logging
import random
from typing import Any

import httpx
from cryptography.fernet import InvalidToken

from hub.deliveries.attempts import Leased, lease, record_attempt
from hub.deliveries.message import compose
from hub.hub import Hub
from webhooks.delivery import send
from webhooks.schedule import Uniform
from webhooks.values import Attempt, Outcome

LEASE_SECONDS = 45.0
"""Longer than an attempt can take (`webhooks.exchange.DEADLINE_SECONDS`) and its record with it."""

log = logging.getLogger(__name__)


class DeliverJob:
    """`client` is one of `webhooks.guard.open_client`."""

    def __init__(self, hub: Hub, client: httpx.AsyncClient, *, uniform: Uniform = random.uniform) -> None:
        self._hub = hub
        self._client = client
        self._uniform = uniform

    async def run(self, context: dict[Any, Any]) -> None:
        """Never raises: ARQ would drop the delivery. What is left undone the sweeper finds in the record."""
        delivery_id: str = context["job_id"]
        try:
            async with self._hub.database.transaction() as session:
                leased = await lease(session, delivery_id, self._hub.now(), LEASE_SECONDS)
            if leased is None:
                return
            attempt = await self._attempt(leased)
            async with self._hub.database.transaction() as session:
                await record_attempt(session, leased, attempt, self._uniform)
        except Exception as error:
            log.error("delivery %s was left to the sweeper: %s", delivery_id, type(error).__name__)

    async def _attempt(self, leased: Leased) -> Attempt:
        try:
            message = await compose(self._hub, leased)
        except InvalidToken:
            return self._unsent(
                "The signing secret cannot be read: its key is no longer in SAYHOOK_SECRET_KEY."
            )
        if message is None:
            return self._unsent("The generation is no longer there.", Outcome.REFUSED)
        return await send(message, client=self._client, now=self._hub.now)

    def _unsent(self, error: str, outcome: Outcome = Outcome.RETRY) -> Attempt:
        return Attempt(self._hub.now(), None, 0, error, None, outcome)
