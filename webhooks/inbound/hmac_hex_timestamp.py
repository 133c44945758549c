"""HMAC-SHA256 over time and raw body, in lower-case hex, with the time in a second header: Webflow."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from webhooks.errors import Malformed, OutsideWindow, SignatureMismatch
from webhooks.headers import HeaderSource, required
from webhooks.inbound.verified import Verified, delivery_id, hmac_sha256, live, matches_any

_DIGITS = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class HmacHexTimestamp:
    """The signed content is `{timestamp}{separator}{raw body}`; `unit` is that of the timestamp."""

    secrets: tuple[str, ...]
    signature_header: str
    timestamp_header: str
    unit: Literal["s", "ms"] = "ms"
    separator: str = ":"
    window_seconds: int = 300
    delivery_header: str | None = None

    def verify(self, headers: HeaderSource, raw_body: bytes, now: datetime) -> Verified:
        secrets = live(self.secrets)
        given = required(headers, self.signature_header)
        stamp = required(headers, self.timestamp_header)
        if not _DIGITS.fullmatch(stamp):
            raise Malformed(f"The header {self.timestamp_header} is not a whole number.")
        content = f"{stamp}{self.separator}".encode() + raw_body
        if not matches_any([hmac_sha256(secret, content).hex().encode() for secret in secrets], given):
            raise SignatureMismatch("No live secret made this signature.")
        # The signature first: a true but old one is told apart from a forgery in the refusal's code.
        seconds = int(stamp) / (1000 if self.unit == "ms" else 1)
        if abs(now.timestamp() - seconds) > self.window_seconds:
            raise OutsideWindow(f"The delivery's time is more than {self.window_seconds} s away from ours.")
        named = delivery_id(headers, self.delivery_header, raw_body)
        return Verified(named, raw_body, sent_at=datetime.fromtimestamp(seconds, UTC))
