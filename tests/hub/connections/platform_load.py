"""A platform that sends many signed deliveries: as fast as it is answered, or at its own rate."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SECRET = "5eed" * 12
SHOP = "burst.myshopify.com"


@dataclass(frozen=True)
class Load:
    """Seconds from first to last, and from when each delivery was due to its answer, ascending."""

    seconds: float
    waits: Sequence[float]

    @property
    def rate(self) -> float:
        return len(self.waits) / self.seconds

    def answered(self, share: float) -> float:
        """The milliseconds within which that share of them was answered."""
        return 1000 * self.waits[min(len(self.waits) - 1, int(share * len(self.waits)))]

    def __str__(self) -> str:
        return (
            f"{self.rate:.0f}/s, half answered in {self.answered(0.5):.1f} ms, 99 % in "
            f"{self.answered(0.99):.1f} ms"
        )


Sender = Callable[[int], bytes]
"""The whole request of one delivery, by its number."""


async def send(
    url: str, requests: Iterable[bytes], *, at_once: int = 16, per_second: float | None = None
) -> Load:
    """Without `per_second` each of `at_once` connections sends its next when it has its answer.

    With it a delivery is due at its time, whatever became of those before it, and waits from then on. The
    connections are open before the first is sent, as a platform keeps them.
    """
    waits: list[float] = []
    left = iter(list(enumerate(requests)))
    port = int(url.rpartition(":")[2])
    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(at_once)]
    began = time.perf_counter()

    async def sender(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number, request in left:
            due = time.perf_counter()
            if per_second is not None:
                due = began + number / per_second
                await asyncio.sleep(due - time.perf_counter())
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            waits.append(time.perf_counter() - due)
            assert head.startswith(b"HTTP/1.1 200 "), head
            assert b"content-length: 0" in head

    await asyncio.gather(*(sender(*line) for line in lines))
    seconds = time.perf_counter() - began
    for _, writer in lines:
        writer.close()
        await writer.wait_closed()
    return Load(seconds, sorted(waits))


def woocommerce(path: str) -> Sender:
    def request(number: int) -> bytes:
        body = _body({"id": number, "name": f"say 0 {number}", "type": "simple", "description": _LONG})
        return posted(path, {"X-WC-Webhook-Signature": _signature(body), **_UPDATED}, body)

    return request


def shopify(path: str) -> Sender:
    def request(number: int) -> bytes:
        body = _body({"id": number, "title": f"say 0 {number}", "body_html": _LONG, "vendor": "Enamel & Co"})
        headers = {
            "X-Shopify-Topic": "products/update",
            "X-Shopify-Hmac-Sha256": _signature(body),
            "X-Shopify-Shop-Domain": SHOP,
            "X-Shopify-API-Version": "2025-07",
            "X-Shopify-Webhook-Id": f"b54557e4-bdd9-4b37-8a5f-{number:012}",
            "Content-Type": "application/json",
        }
        return posted(path, headers, body)

    return request


_UPDATED = {"X-WC-Webhook-Topic": "product.updated"}
_LONG = "<p>Red.</p>" * 150
"""Beside the name that is read, as much as a real product carries."""


def _body(product: Mapping[str, Any]) -> bytes:
    # Both platforms' words for what is on sale: an event without them is not spoken.
    return json.dumps({"status": "active" if "title" in product else "publish", **product}).encode()


def _signature(body: bytes) -> str:
    return b64encode(hmac.digest(SECRET.encode(), body, hashlib.sha256)).decode()


def posted(path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    given = {"Host": "hub", "Content-Length": str(len(body)), **headers}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body
