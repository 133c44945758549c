"""Bodies that do not come as their senders said leave no event, and who waits for an answer gets one."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

from hub.api.middleware.body import BoundedBody
from hub.store.connection_tables import InboundEvent
from tests.connectors.fixtures import FIXTURES
from tests.hub.connections.conftest import Workshop
from tests.hub.connections.test_every_connector import HEARD, Door, workshop

__all__ = ["workshop"]

IDLE, WHOLE = 0.4, 1.0


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the hub is started: its patience is made with it."""
    usual = BoundedBody.__init__.__kwdefaults__ or {}
    monkeypatch.setitem(usual, "idle_seconds", IDLE)
    monkeypatch.setitem(usual, "whole_seconds", WHOLE)


class Sender:
    """Writes what it likes to the hub's socket."""

    def __init__(self, door: Door) -> None:
        self.delivery = door.fixture.delivery()
        self.body = self.delivery.body
        self.address = urlsplit(door.workshop.hub.settings.base_url)
        self.path = door.connector.hook_path(door.id) or ""

    def head(self, *framing: str) -> bytes:
        """`framing` says how long the body is."""
        headers = [f"{name}: {value}" for name, value in self.delivery.headers.items()]
        return "\r\n".join([f"POST {self.path} HTTP/1.1", "Host: x", *headers, *framing, "", ""]).encode()

    async def send(self, head: bytes, parts: Sequence[bytes], pause: float = 0.0) -> bytes:
        """What is answered, as soon as it is there: the hub may listen on for a while before it closes."""
        reader, writer = await asyncio.open_connection(self.address.hostname, self.address.port)
        answered = asyncio.create_task(_answer(reader))
        writer.write(head)
        for part in parts:
            if answered.done():
                break
            writer.write(part)
            await asyncio.sleep(pause)
        try:
            return await asyncio.wait_for(answered, 10)
        finally:
            await _close(writer)

    async def hang_up(self, head: bytes, part: bytes) -> None:
        _, writer = await asyncio.open_connection(self.address.hostname, self.address.port)
        writer.write(head + part)
        await writer.drain()
        await _close(writer)


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    return head + await (reader.readexactly(int(length[1])) if length else reader.read())


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


@pytest.mark.parametrize("name", ["woocommerce", "shopify"])
async def test_a_body_that_is_not_as_long_as_it_says(workshop: Workshop, name: str) -> None:
    """To a connection's own hook, and to one that all share."""
    fixture = next(one for one in FIXTURES.values() if one.connector is HEARD[name])
    door = Door(workshop, HEARD[name], fixture)
    await door.open()
    sender = Sender(door)
    body, length = sender.body, len(sender.body)
    said = sender.head(f"Content-Length: {length}")
    more = sender.head(f"Content-Length: {length + 10}")
    less = sender.head(f"Content-Length: {length - 10}", "Connection: close")
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (length, body)
    with capture_logs() as logs:
        trickle, waiting, cut, twice, smuggled, negative = await asyncio.gather(
            sender.send(said, [bytes([byte]) for byte in body[:-1]], pause=IDLE / 8),
            sender.send(more, [body]),
            sender.send(less, [body]),
            sender.send(sender.head(f"Content-Length: {length}", f"Content-Length: {length - 1}"), [body]),
            sender.send(sender.head(f"Content-Length: {length}", "Transfer-Encoding: chunked"), [chunked]),
            sender.send(sender.head("Content-Length: -1"), [body]),
        )
        await sender.hang_up(more, body)
        await sender.hang_up(said, body[:-1])
        await asyncio.sleep(0.1)
    assert trickle.startswith(b"HTTP/1.1 408 ")
    assert waiting.startswith(b"HTTP/1.1 408 ")
    assert b"took too long to arrive" in waiting
    assert cut.startswith(b"HTTP/1.1 401 "), "what came is not what was signed"
    for refused in (twice, smuggled, negative):
        assert refused.startswith(b"HTTP/1.1 400 ")
    assert await workshop.count(InboundEvent) == 0
    assert [entry for entry in logs if entry["log_level"] in ("error", "critical")] == []

    whole = await sender.send(sender.head("Transfer-Encoding: chunked", "Connection: close"), [chunked])
    assert whole.startswith(b"HTTP/1.1 200 ")
    assert await workshop.count(InboundEvent) == 1
