"""The states of a generation.

queued ──► processing ──► completed
  │  ▲          │  ├────► failed
  │  └──────────┘  │        a worker died or an attempt failed, and tries are left
  └────────────────┴────► cancelled
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class Status(StrEnum):
    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = frozenset({Status.QUEUED, Status.PROCESSING})
ENDED = frozenset(Status) - OPEN

MAX_TRIES = 3


def pause_before_try(tries: int) -> timedelta:
    """How long to wait after `tries` failed attempts: 2 s, then 10 s."""
    return timedelta(seconds=2 * 5 ** (tries - 1))
