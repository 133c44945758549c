"""The frozen values that cross this room's edge on the way out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What is to happen to the message after one attempt."""

    DELIVERED = "delivered"
    """A 2xx answer."""
    RETRY = "retry"
    """Not now: try again at the time `webhooks.schedule` names."""
    GONE = "gone"
    """The receiver wants no more messages at all: disable the endpoint."""
    REFUSED = "refused"
    """This message will never be delivered: its address is not allowed, or the receiver declined it."""


class Fault(StrEnum):
    """Why an attempt got no answer, or none that counts."""

    REFUSED = "refused"
    NO_HOST = "no_host"
    NO_CONNECTION = "no_connection"
    TLS = "tls"
    TIMEOUT = "timeout"
    BROKEN = "broken"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Message:
    """One webhook to one address. `payload` is serialised once, so that every attempt signs the same bytes.

    `secrets` are the endpoint's live ones, newest first (`webhooks.signing`).
    """

    id: str
    url: str
    event: str
    payload: bytes
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one attempt met. `retry_after` is the receiver's wish in seconds from `at`, unclamped.

    `response` is the start of the answer's body as text; `error` a sentence for the owner, None when
    delivered.
    """

    at: datetime
    status: int | None
    milliseconds: int
    error: str | None
    response: str | None
    outcome: Outcome
    retry_after: float | None = None
    fault: Fault | None = None

    @property
    def slow_down(self) -> bool:
        """Whether the receiver seems overloaded: it said so, or did not answer in time."""
        return self.fault is Fault.TIMEOUT or self.status in (429, 502, 503, 504)


def encode_event(event: str, data: Any, at: datetime) -> bytes:
    """A Standard Webhooks body: `{"type", "timestamp", "data"}`, the time of the event in UTC (RFC 3339)."""
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body = {"type": event, "timestamp": moment, "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
