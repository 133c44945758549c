"""An address that only its sender knows, for senders that can neither sign nor set a header.

The last part of the path is the secret; whoever takes the request hands it on as the header HEADER, and lets
no other such header through. It is compared like a token: in constant time, with every live secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from webhooks.headers import HeaderSource
from webhooks.inbound.bearer import Bearer
from webhooks.inbound.verified import Verified

HEADER: Final = "x-sayhook-address-secret"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretUrl:
    """Nothing of the body is signed: equal bodies are the same delivery."""

    secrets: tuple[str, ...]

    def verify(self, headers: HeaderSource, raw_body: bytes, now: datetime) -> Verified:
        return Bearer(secrets=self.secrets, header=HEADER, word="").verify(headers, raw_body, now)
