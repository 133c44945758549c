"""Somebody else's web server: keeps what it is sent and answers as it is told."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body)
        return document


@dataclass
class Receiver:
    """Answers with `statuses` in turn, the last one for ever, each after `seconds`."""

    url: str = ""
    statuses: list[int] = field(default_factory=lambda: [200])
    seconds: float = 0.0
    received: list[Received] = field(default_factory=list)

    def take(self, headers: dict[str, str], body: bytes) -> int:
        self.received.append(Received(headers, body))
        return self.statuses[min(len(self.received), len(self.statuses)) - 1]


@contextmanager
def running_receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = receiver.take({name.lower(): value for name, value in self.headers.items()}, body)
            time.sleep(receiver.seconds)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._answer(status)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/callback"
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
