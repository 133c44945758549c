"""Commands that run the hub, whole or one process of it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

PORT_HELP = "Port to listen on (PORT)."
DATA_HELP = "Folder for database, audio and queue (SAYHOOK_DATA)."


class QueueName(StrEnum):
    speak = "speak"
    deliver = "deliver"


@contextmanager
def _importing_for_good() -> Iterator[None]:
    """Around the imports of a process that lasts: all they make stays. To look for garbage in it takes a
    quarter of a start, and would be done again while the process works and when it ends.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def serve(
    port: Annotated[int | None, typer.Option(help=PORT_HELP, min=0, max=65535)] = None,
    data: Annotated[Path | None, typer.Option(help=DATA_HELP)] = None,
    stop_with_parent: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Run everything on this machine: web, workers, queue. Ctrl-C stops it.

    Examples:

        sayhook serve

        PORT=9000 SAYHOOK_DATA=/srv/sayhook sayhook serve
    """
    with _importing_for_good():
        from rich.console import Console

        from hub.serve.child import stop_with_parent as arm
        from hub.serve.run import serve as run
        from hub.settings import Settings

    if stop_with_parent:
        arm()
    chosen = {name: value for name, value in (("port", port), ("data", data)) if value is not None}
    raise typer.Exit(run(Settings().model_copy(update=chosen), Console(soft_wrap=True, highlight=False)))


def web(listener_fd: Annotated[int | None, typer.Option(hidden=True)] = None) -> None:
    """Run only the web process, for hubs spread over several machines.

    It needs SAYHOOK_DATABASE_URL, SAYHOOK_REDIS_URL and SAYHOOK_STORAGE_URL that the workers share.
    """
    with _importing_for_good():
        from hub.logs import configure_logs
        from hub.serve.web import run_web
        from hub.settings import Settings

    settings = Settings()
    configure_logs(settings, process="web")
    run_web(settings, listener_fd=listener_fd)


def worker(
    queue: Annotated[QueueName, typer.Option(help="speak makes audio; deliver sends callbacks.")],
) -> None:
    """Run one worker process. Start as many as you like, on any machine.

    Examples:

        sayhook worker --queue speak

        sayhook worker --queue deliver
    """
    with _importing_for_good():
        from hub.logs import configure_logs
        from hub.settings import Settings
        from hub.worker import run_deliver, run_speak

    settings = Settings()
    configure_logs(settings, process=queue.value)
    (run_speak if queue is QueueName.speak else run_deliver)(settings)


def migrate() -> None:
    """Bring the database up to date; `serve` does this by itself."""
    from hub.cli.opened import database
    from hub.settings import Settings

    async def upgrade() -> None:
        async with database(Settings()) as opened:
            await opened.migrate()

    asyncio.run(upgrade())
    typer.echo("The database is up to date.")


def openapi() -> None:
    """Print the OpenAPI 3.1 document of the HTTP API as JSON."""
    from hub.api.openapi import rendered

    typer.echo(rendered(), nl=False)
