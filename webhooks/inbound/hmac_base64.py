"""HMAC-SHA256 over the raw body, in base64, in one header: Shopify, WooCommerce.

The scheme has no time in it, so a captured request stays valid for ever: the delivery id, and the hub's rule
that the same text is spoken once, make a replay harmless.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime

from webhooks.errors import SignatureMismatch
from webhooks.headers import HeaderSource, required
from webhooks.inbound.verified import Verified, delivery_id, hmac_sha256, live, matches_any


@dataclass(frozen=True, slots=True, kw_only=True)
class HmacBase64:
    """`delivery_with_body` is for ids that two deliveries can share (WooCommerce: one per second).

    A header may have several names; the first that is there counts.
    """

    secrets: tuple[str, ...]
    signature_header: str | tuple[str, ...]
    delivery_header: str | tuple[str, ...] | None = None
    delivery_with_body: bool = False

    def verify(self, headers: HeaderSource, raw_body: bytes, now: datetime) -> Verified:
        secrets = live(self.secrets)
        given = required(headers, self.signature_header)
        expected = [b64encode(hmac_sha256(secret, raw_body)) for secret in secrets]
        if not matches_any(expected, given):
            raise SignatureMismatch("No live secret made this signature.")
        named = delivery_id(headers, self.delivery_header, raw_body, with_body=self.delivery_with_body)
        return Verified(named, raw_body)
