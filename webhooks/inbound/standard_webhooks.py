"""Standard Webhooks 1.0, and the same rules under another header prefix (`svix-id` for `webhook-id`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from webhooks import signing
from webhooks.headers import HeaderSource, required
from webhooks.inbound.verified import Verified, live


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardWebhooks:
    """`secrets` are `whsec_` ones or `whpk_` public keys."""

    secrets: tuple[str, ...]
    header_prefix: str = "webhook"
    window_seconds: int = signing.TOLERANCE

    def verify(self, headers: HeaderSource, raw_body: bytes, now: datetime) -> Verified:
        secrets = live(self.secrets)
        parts = {
            f"webhook-{name}": required(headers, f"{self.header_prefix}-{name}")
            for name in ("id", "timestamp", "signature")
        }
        signed = signing.verify(secrets, parts, raw_body, now=now.timestamp(), tolerance=self.window_seconds)
        return Verified(signed.message_id, raw_body, sent_at=datetime.fromtimestamp(signed.timestamp, UTC))
