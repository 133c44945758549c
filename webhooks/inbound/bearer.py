"""A shared token in a header, for senders that cannot sign (a no-code platform's "send a request" step)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from webhooks.errors import Malformed, SecretMalformed, SignatureMismatch
from webhooks.headers import HeaderSource, required
from webhooks.inbound.verified import Verified, delivery_id, live, matches_any

LEAST_LENGTH: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """`word` comes before the token (RFC 6750, section 2.1); empty means the header holds the token alone."""

    secrets: tuple[str, ...]
    header: str = "authorization"
    word: str = "Bearer"
    delivery_header: str | None = None

    def verify(self, headers: HeaderSource, raw_body: bytes, now: datetime) -> Verified:
        secrets = live(self.secrets)
        if any(len(secret) < LEAST_LENGTH for secret in secrets):
            raise SecretMalformed(f"A token must be at least {LEAST_LENGTH} characters long.")
        given = _digest(self._token(required(headers, self.header)))
        if not matches_any([_digest(secret).encode() for secret in secrets], given):
            raise SignatureMismatch("The token is not one of the live ones.")
        return Verified(delivery_id(headers, self.delivery_header, raw_body), raw_body)

    def _token(self, value: str) -> str:
        if not self.word:
            return value
        word, _, token = value.partition(" ")
        if word.lower() != self.word.lower() or not token.strip():
            raise Malformed(f"The header {self.header} does not hold a {self.word} token.")
        return token.strip()


def _digest(token: str) -> str:
    # Hashed first, so that the time taken does not tell the length of the secret.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
