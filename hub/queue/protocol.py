"""What the rest of the hub may ask of the queue. It may forget: the sweeper reminds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Kind = Literal["speak", "deliver"]


class QueueAway(OSError):
    """Redis cannot be reached. Nothing is lost by it: the sweeper enqueues from the database."""


@dataclass(frozen=True, slots=True)
class Overheard:
    """A stretch of audio: `pcm` (16-bit, at `engine.audio.live.LIVE_RATE`) begins at sample `at`."""

    id: str
    at: int
    pcm: bytes


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

    async def worker_names(self, kind: Kind) -> Sequence[str]:
        """Of the live ones."""
        ...

    async def depth(self, kind: Kind) -> int:
        """Jobs waiting or running."""
        ...

    async def broadcast(self, job_id: str, stretches: Sequence[tuple[int, bytes]]) -> bool:
        """Send audio to the listeners of a job: (first sample, PCM) each. False, and nothing sent, when there
        are none."""
        ...

    async def overhear(self, job_id: str, after: str) -> Sequence[Overheard]:
        """What was spoken of a job since `after` ("0" at first). Asking is what makes it be sent: ask again
        within seconds. Empty when nothing is new, also when the queue is away."""
        ...

    async def close(self) -> None: ...
