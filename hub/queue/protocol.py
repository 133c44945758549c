"""What the rest of the hub may ask of the queue. It may forget: the sweeper reminds it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

Kind = Literal["speak", "deliver"]


class QueueAway(OSError):
    """Redis cannot be reached. Nothing is lost by it: the sweeper enqueues from the database."""


class Queue(Protocol):
    """Enqueuing is best effort: False, never an exception, when the queue is away or has the job already."""

    async def enqueue_speech(self, job_id: str, account_id: str, cost: int) -> bool:
        """`cost` is the number of characters to speak; it decides the account's fair share."""
        ...

    async def enqueue_delivery(self, delivery_id: str, not_before: datetime | None) -> bool: ...

    async def ping(self) -> None:
        """Raises OSError when the queue does not answer."""
        ...

    async def live_workers(self, kind: Kind) -> int: ...

    async def depth(self, kind: Kind) -> int:
        """Jobs waiting or running."""
        ...

    async def close(self) -> None: ...
