"""How uvicorn serves the application: its timeouts, and what it must not do by itself."""

from __future__ import annotations

import asyncio
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD_SECONDS = 15.0
_HEAD_BYTES = 64 * 1024


class BoundedHead(HttpToolsProtocol):
    """Closes a connection whose request head takes too long or grows too large.

    uvicorn waits for ever for the first request of a connection, and for the rest of a head that has begun.
    """

    _clock: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._wait_for_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._wait_for_head()

    def on_headers_complete(self) -> None:
        self._stop()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._clock is not None:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._clock is not None and self._head_bytes > _HEAD_BYTES:
            self._give_up()

    def _wait_for_head(self) -> None:
        self._stop()
        self._head_bytes = 0
        self._clock = self.loop.call_later(_HEAD_SECONDS, self._give_up)

    def _give_up(self) -> None:
        self._stop()
        if not self.transport.is_closing():
            self.transport.close()

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
        self._clock = None


def server_config(app: Starlette, **changes: Any) -> uvicorn.Config:
    """What every web process of the hub is started with. The hub itself judges forwarded headers."""
    given: dict[str, Any] = {
        "http": BoundedHead,
        "ws": "none",
        "proxy_headers": False,
        "server_header": False,
        "access_log": False,
        "log_config": None,
        "timeout_keep_alive": 75,
        "backlog": 2048,
    }
    return uvicorn.Config(app, **{**given, **changes})
