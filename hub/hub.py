"""The opened parts of a running hub, handed to whatever does the work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from hub.queue.protocol import Queue
from hub.secrets import Secrets
from hub.settings import Settings
from hub.store.blobs import Blobs
from hub.store.database import Database


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Hub:
    settings: Settings
    database: Database
    blobs: Blobs
    queue: Queue
    secrets: Secrets
    now: Callable[[], datetime] = utc_now
