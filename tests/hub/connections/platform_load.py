"""A platform that sends many signed deliveries: as fast as it is answered, or at its own rate."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

SECRET = "5eed" * 12


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


async def send(
    url: str, path: str, numbers: range, *, at_once: int = 16, per_second: float | None = None
) -> Load:
    """Without `per_second` each of `at_once` connections sends its next when it has its answer.

    With it a delivery is due at its time, whatever became of those before it, and waits from then on.
    """
    waits: list[float] = []
    left = iter([(number, _request(path, number)) for number in numbers])
    began = time.perf_counter()

    async def sender() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        for number, request in left:
            due = time.perf_counter()
            if per_second is not None:
                due = began + (number - numbers.start) / per_second
                await asyncio.sleep(due - time.perf_counter())
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            waits.append(time.perf_counter() - due)
            assert head.startswith(b"HTTP/1.1 200 "), head
            assert b"content-length: 0" in head
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(sender() for _ in range(at_once)))
    return Load(time.perf_counter() - began, sorted(waits))


def _request(path: str, number: int) -> bytes:
    body = _product(number)
    signature = b64encode(hmac.digest(SECRET.encode(), body, hashlib.sha256)).decode()
    lines = (
        f"POST {path} HTTP/1.1",
        "Host: hub",
        f"Content-Length: {len(body)}",
        f"X-WC-Webhook-Signature: {signature}",
        "X-WC-Webhook-Topic: product.updated",
    )
    return "\r\n".join([*lines, "", ""]).encode() + body


def _product(number: int) -> bytes:
    """A name to be read, and beside it as much as a real product carries."""
    described = {"type": "simple", "status": "publish", "description": "<p>Red.</p>" * 150}
    return json.dumps({"id": number, "name": f"say 0 {number}", **described}).encode()
