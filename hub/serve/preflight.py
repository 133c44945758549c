"""What must be right before anything is started: usable keys, a database and a queue that answer."""

from __future__ import annotations

import asyncio

from sqlalchemy.exc import SQLAlchemyError

from hub.queue import open_queue
from hub.secrets import SecretKeyUnusable, load_secrets
from hub.serve.failure import CannotStart
from hub.settings import Settings
from hub.store.database import Database

PATIENCE = 10.0


async def prepare_services(settings: Settings) -> None:
    """Migrates the database; raises `CannotStart` with the setting to mend."""
    try:
        load_secrets(settings)
    except SecretKeyUnusable as error:
        raise CannotStart(str(error)) from error
    await _migrate(settings)
    if settings.redis_url:
        await _reach_queue(settings)


async def _migrate(settings: Settings) -> None:
    database = Database(settings.resolved_database_url)
    try:
        async with asyncio.timeout(PATIENCE):
            await database.ping()
        await database.migrate()
    except (OSError, SQLAlchemyError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        raise CannotStart(f"The database does not answer ({reason}); mend SAYHOOK_DATABASE_URL.") from error
    finally:
        await database.close()


async def _reach_queue(settings: Settings) -> None:
    queue = open_queue(settings)
    try:
        async with asyncio.timeout(PATIENCE):
            await queue.ping()
    except Exception as error:
        raise CannotStart(
            "The queue at SAYHOOK_REDIS_URL does not answer; start it, or mend the URL."
        ) from error
    finally:
        await queue.close()
