"""What a verifier promises, and what every scheme shares."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from webhooks.errors import SecretMissing
from webhooks.headers import HeaderName, HeaderSource, first

_NAMED_ID = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True)
class Verified:
    """A delivery whose sender is known.

    `delivery_id` is the same when the platform sends the same delivery again. `payload` is the signed
    content: the raw body, or the JSON inside a token. `sent_at` is the signed time, where the scheme has
    one, and `claims` what a token says. Nothing else of the request is authenticated: headers such as a
    topic or a shop name are hints.
    """

    delivery_id: str
    payload: bytes
    sent_at: datetime | None = None
    claims: Mapping[str, Any] | None = None


class Verifier(Protocol):
    """Shows that a request comes from the one who knows a live secret.

    Raises a NotVerified whose `code` can be counted and whose sentence can be shown to the owner, or
    SecretMalformed when what the owner configured cannot be a secret of this scheme. `now` is aware.
    """

    def verify(self, headers: HeaderSource, raw_body: bytes, now: datetime) -> Verified: ...


def live(secrets: Iterable[str]) -> list[str]:
    """The secrets that are not blank. Raises SecretMissing when none is left: no secret, no entry."""
    kept = [secret for secret in secrets if secret.strip()]
    if not kept:
        raise SecretMissing("No secret is configured for this address, so nothing can be verified.")
    return kept


def hmac_sha256(secret: str, content: bytes) -> bytes:
    return hmac.new(secret.encode(), content, hashlib.sha256).digest()


def matches_any(expected: Sequence[bytes], given: str) -> bool:
    """Whether `given` equals one of `expected`: constant time each, and all of them whatever the result."""
    value = given.encode("utf-8", "surrogatepass")
    matches = [hmac.compare_digest(candidate, value) for candidate in expected]
    return any(matches)


def body_id(content: bytes) -> str:
    """The delivery id of a platform that sends none: equal bytes are the same delivery."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def delivery_id(
    headers: HeaderSource, header: HeaderName | None, raw_body: bytes, *, with_body: bool = False
) -> str:
    """The platform's own id from `header`, or the body's hash where there is none or it is not fit to keep.

    `with_body` joins both, for a platform whose ids are not unique. Raises HeaderRepeated.
    """
    named = first(headers, header) if header else None
    if not named or not _NAMED_ID.fullmatch(named):
        return body_id(raw_body)
    return f"{named}:{body_id(raw_body)}" if with_body else named
