"""One request over a guarded client, bounded in time and size; every network fault becomes a value."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final

import httpx

from webhooks.errors import DestinationRefused, HostNotFound
from webhooks.values import Fault

DEADLINE_SECONDS: Final = 15.0
KEPT_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `status` is None exactly when `fault` is set and no status line arrived.

    `body` holds the first bytes of the answer; it may be cut at the cap, or at the deadline.
    """

    status: int | None
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    body: bytes = b""
    fault: Fault | None = None
    error: str | None = None
    milliseconds: int = 0


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds the whole exchange may take, and bytes of the answer that are read and kept."""

    seconds: float = DEADLINE_SECONDS
    kept_bytes: int = KEPT_BYTES


BOUNDS: Final = Bounds()


async def exchange(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
    bounds: Bounds = BOUNDS,
) -> Answer:
    """Send one request and read the start of its answer. Never raises for anything the other side does.

    `client` is one of `webhooks.guard.open_client`. The deadline covers look-up, connection, request and
    answer together: httpx's own timeouts start afresh with every byte.
    """
    started = time.monotonic()
    received = _Received()
    try:
        async with asyncio.timeout(bounds.seconds):
            await _fill(
                received, client.stream(method, url, content=body, headers=headers), bounds.kept_bytes
            )
        fault, error = None, None
    except Exception as caught:
        fault, error = _explain(caught, bounds.seconds)
    milliseconds = round((time.monotonic() - started) * 1000)
    if received.status is not None:
        # The status line decides; a body that then drips or breaks off does not undo it.
        return Answer(received.status, received.headers, bytes(received.body), milliseconds=milliseconds)
    return Answer(None, fault=fault, error=error, milliseconds=milliseconds)


@dataclass(slots=True)
class _Received:
    status: int | None = None
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    body: bytearray = field(default_factory=bytearray)


async def _fill(
    received: _Received, stream: AbstractAsyncContextManager[httpx.Response], kept_bytes: int
) -> None:
    async with stream as response:
        received.status, received.headers = response.status_code, response.headers
        async for chunk in response.aiter_raw():
            received.body += chunk[: kept_bytes - len(received.body)]
            if len(received.body) >= kept_bytes:
                return


def _explain(error: Exception, seconds: float) -> tuple[Fault, str]:
    match error:
        case DestinationRefused():
            return Fault.REFUSED, str(error)
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return Fault.REFUSED, "The URL could not be read."
        case HostNotFound():
            return Fault.NO_HOST, str(error)
        case TimeoutError() | httpx.TimeoutException():
            return Fault.TIMEOUT, f"No answer within {seconds:g} s."
        case httpx.ConnectError() if reason := _tls_reason(error):
            return Fault.TLS, f"The TLS connection failed: {reason}"
        case httpx.ConnectError():
            return Fault.NO_CONNECTION, "The connection could not be made."
        case httpx.HTTPError():
            return Fault.BROKEN, "The connection broke off, or the answer was not HTTP."
    raise error


def _tls_reason(error: BaseException) -> str | None:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"{cause.verify_message.rstrip('.')}."
        if isinstance(cause, ssl.SSLError):
            return "the two sides could not agree on it."
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
