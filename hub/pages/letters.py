"""Letters that a page does not wait for: its answer tells nothing by its time or by a mail server's mood."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

import structlog

log = structlog.get_logger(__name__)
_on_the_way: set[asyncio.Task[None]] = set()


def post_soon(sending: Coroutine[None, None, None]) -> None:
    """Runs it beside what the page does; a failure goes to the log."""
    task = asyncio.create_task(_posted(sending))
    _on_the_way.add(task)
    task.add_done_callback(_on_the_way.discard)


async def all_posted() -> None:
    """Waits for the letters that are on their way now."""
    await asyncio.gather(*_on_the_way)


async def _posted(sending: Coroutine[None, None, None]) -> None:
    try:
        await sending
    except Exception as error:
        log.error("letter_not_sent", reason=f"{type(error).__name__}: {error}")
