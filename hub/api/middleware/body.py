"""How much of a request is read, how long we wait for it, and what becomes of the rest.

A refused upload must still see its answer. A server that answers and closes while the client is sending
makes the client's system throw the answer away, so the answer is sent whole, the rest is read and dropped
for a while, and only then is the connection closed. Clients that look (curl) stop at once; those that send
everything first (Python's requests) get that far as long as the rest is within bounds.
"""

from __future__ import annotations

import asyncio
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.api.problems import PayloadTooLarge, RequestTimeout

_DRAINED_BYTES = 512 * 1024 * 1024
_DRAINED_SECONDS = 30.0


class BoundedBody:
    """Refuses bodies over `max_bytes` (by their declared length, before any is read) and slow senders."""

    def __init__(
        self, app: ASGIApp, *, max_bytes: int, idle_seconds: float = 20.0, whole_seconds: float = 180.0
    ) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._idle_seconds = idle_seconds
        self._whole_seconds = whole_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(scope, receive, send, self._max_bytes, self._idle_seconds, self._whole_seconds)
        await self._app(scope, body.receive, body.send)


class _Body:
    """One request's body, between the server and the application."""

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, max_bytes: int, idle: float, whole: float
    ) -> None:
        self._receive = receive
        self._send = send
        self._max_bytes = max_bytes
        self._idle = idle
        self._deadline = time.monotonic() + whole
        self._length = _declared_length(scope)
        self._expects_go_ahead = _header(scope, b"expect").lower() == b"100-continue"
        self._is_chunked = bool(_header(scope, b"transfer-encoding"))
        self._seen = 0
        self._ended = not self._is_chunked and not self._length
        self._asked = False

    async def receive(self) -> Message:
        """The next part; raises PayloadTooLarge or RequestTimeout."""
        if self._length > self._max_bytes:
            raise self._too_large()
        self._asked = True
        patience = min(self._idle, self._deadline - time.monotonic())
        if self._ended:
            return await self._receive()
        try:
            async with asyncio.timeout(patience):
                message = await self._receive()
        except TimeoutError as error:
            raise RequestTimeout("The request took too long to arrive. Send it again.") from error
        self._count(message)
        if self._seen > self._max_bytes:
            raise self._too_large()
        return message

    async def send(self, message: Message) -> None:
        if self._ended:
            await self._send(message)
        elif message["type"] == "http.response.start":
            headers = [*message.get("headers", []), (b"connection", b"close")]
            await self._send({**message, "headers": headers})
        elif message.get("more_body", False):
            await self._send(message)
        else:
            await self._send({**message, "more_body": True})
            await self._drain()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _drain(self) -> None:
        if self._expects_go_ahead and not self._asked:
            return  # told no before it began to send
        limit = self._seen + _DRAINED_BYTES
        try:
            async with asyncio.timeout(_DRAINED_SECONDS):
                while not self._ended and self._seen < limit:
                    self._count(await self._receive())
        except TimeoutError:
            return

    def _count(self, message: Message) -> None:
        self._seen += len(message.get("body", b""))
        self._ended = message["type"] != "http.request" or not message.get("more_body", False)

    def _too_large(self) -> PayloadTooLarge:
        return PayloadTooLarge(f"The request is larger than {self._max_bytes // 1024 // 1024} MB.")


def _declared_length(scope: Scope) -> int:
    value = _header(scope, b"content-length")
    return int(value) if value.isdigit() else 0


def _header(scope: Scope, name: bytes) -> bytes:
    return next((bytes(value) for header, value in scope["headers"] if header == name), b"")
