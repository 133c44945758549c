"""Wix's webhooks: answered with 200 within 1.25 s, or sent again, the same bytes, over two days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from connectors.simulation import Post

DEADLINE_SECONDS: Final = 1.25
RETRIES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 10)) + tuple(
    timedelta(hours=hours) for hours in (1, 2, 2, 2, 4, 4, 4, 8, 8, 12)
)
"""Between each try and the next."""


@dataclass
class Delivery:
    body: bytes
    due: datetime
    tries: int = 0


@dataclass
class Dispatch:
    """`url` is what stands in the app's dashboard; without one nothing is sent."""

    post: Post
    now: Callable[[], datetime]
    url: str = ""
    waiting: list[Delivery] = field(default_factory=list)
    given_up: int = 0

    def announce(self, body: bytes) -> None:
        if self.url:
            self.waiting.append(Delivery(body, self.now()))

    async def send_due(self) -> int:
        due = [delivery for delivery in self.waiting if delivery.due <= self.now()]
        for delivery in due:
            self.waiting.remove(delivery)
            await self._send(delivery)
        return len(due)

    async def _send(self, delivery: Delivery) -> None:
        if await self.post(self.url, {"Content-Type": "text/plain"}, delivery.body) == 200:
            return
        if delivery.tries == len(RETRIES):
            self.given_up += 1
            return
        delivery.due = self.now() + RETRIES[delivery.tries]
        delivery.tries += 1
        self.waiting.append(delivery)
