"""From nothing to a running hub, and orderly back to nothing."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable

from rich.console import Console

from hub.serve import folder, models
from hub.serve.first_account import make_first_account
from hub.serve.listen import listen, reachable_host
from hub.serve.preflight import prepare_services
from hub.serve.programs import programs
from hub.serve.progress import progress
from hub.serve.readiness import missing_parts
from hub.serve.signals import StopRequests, stop_requests
from hub.serve.supervisor import TICK, Supervisor
from hub.serve.valkey import EmbeddedValkey
from hub.serve.welcome import command_name, welcome
from hub.settings import Settings

READINESS_PAUSE = 0.25
STOPPED, KILLED = 0, 130


def serve(settings: Settings, console: Console) -> int:
    """Runs until asked to stop: 0 after an orderly stop, 130 after a hurried one. Raises `CannotStart`."""
    folder.prepare(settings.data)
    with folder.hold(settings.data), contextlib.closing(listen(settings.host, settings.port)) as listener:
        settings = settings.model_copy(update={"port": listener.getsockname()[1]})
        models.ensure(settings.models, console)
        asyncio.run(prepare_services(settings))
        valkey = None if settings.redis_url else EmbeddedValkey(settings.data.resolve() / "valkey")
        if valkey is not None:
            valkey.prepare()
        with stop_requests() as requests:
            return _supervise(settings, console, listener, valkey, requests)


def _supervise(
    settings: Settings,
    console: Console,
    listener: socket.socket,
    valkey: EmbeddedValkey | None,
    requests: StopRequests,
) -> int:
    def report(sentence: str) -> None:
        console.print(sentence, style="yellow")

    def hurried() -> bool:
        return requests.count > 1

    supervisor = Supervisor(programs(settings, valkey=valkey, listener_fd=listener.fileno()), report=report)
    orderly = False
    try:
        with progress(console) as say:
            while not requests.count and not _is_up(settings, supervisor, say):
                requests.pause(READINESS_PAUSE)
        if not requests.count:
            _greet(settings, console)
        while not requests.count:
            supervisor.tick()
            requests.pause(TICK * 10)
    finally:
        listener.close()
        console.print("Stopping (Ctrl-C again stops at once).")
        orderly = supervisor.stop(hurried)
    console.print("Stopped." if orderly else "Stopped at once.")
    return STOPPED if orderly else KILLED


def _is_up(settings: Settings, supervisor: Supervisor, say: Callable[[str], None]) -> bool:
    supervisor.tick()
    if not supervisor.all_running:
        say("Starting the queue")
        return False
    missing = missing_parts(reachable_host(settings.host), settings.port)
    say(f"Starting: waiting for the {' and the '.join(missing)}")
    supervisor.has_been_ready = not missing
    return supervisor.has_been_ready


def _greet(settings: Settings, console: Console) -> None:
    new_key = asyncio.run(_first_account(settings))
    text = welcome(_public_url(settings), new_key=new_key, command=command_name())
    console.print(text, markup=False, soft_wrap=True)
    console.file.flush()


def _public_url(settings: Settings) -> str:
    return settings.public_url.rstrip("/") or f"http://{reachable_host(settings.host)}:{settings.port}"


async def _first_account(settings: Settings) -> str | None:
    from hub.hub import utc_now
    from hub.secrets import load_secrets
    from hub.store.database import Database

    database = Database(settings.resolved_database_url)
    try:
        return await make_first_account(database, load_secrets(settings), now=utc_now())
    finally:
        await database.close()
