"""The web process: uvicorn around the hub's application."""

from __future__ import annotations

import socket
import sys

import uvicorn

from hub.api.app import application
from hub.api.server import server_config
from hub.serve.listen import listen
from hub.settings import Settings

GRACE_SECONDS = 8
SWITCH_SECONDS = 0.0005
"""How long the loop may go on while a thread has its answer from the disk. Python's own 5 ms come several
times to each write that platforms wait for."""


def run_web(settings: Settings, *, listener_fd: int | None = None) -> None:
    """Serves until SIGTERM or SIGINT; `listener_fd` is a listening socket inherited from the supervisor."""
    listener = (
        listen(settings.host, settings.port) if listener_fd is None else socket.socket(fileno=listener_fd)
    )
    listener.setblocking(False)
    sys.setswitchinterval(SWITCH_SECONDS)
    config = server_config(application(settings), timeout_graceful_shutdown=GRACE_SECONDS, lifespan="on")
    uvicorn.Server(config).run(sockets=[listener])
