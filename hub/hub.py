"""The opened parts of a running hub, handed to whatever does the work."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from hub.queue import Queue, open_queue
from hub.secrets import Secrets, load_secrets
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


@asynccontextmanager
async def open_hub(settings: Settings) -> AsyncIterator[Hub]:
    """Open database, audio store and queue; close them at the end of the block. Does not migrate."""
    database = Database(settings.resolved_database_url)
    queue = open_queue(settings)
    try:
        yield Hub(settings, database, Blobs(settings.resolved_storage_url), queue, load_secrets(settings))
    finally:
        await queue.close()
        await database.close()
