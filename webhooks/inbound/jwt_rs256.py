"""A body that is one JWT signed with RS256: Wix webhooks and service plugins.

Only RS256 is taken, whatever the token's header asks for: `none`, HS256 keyed with the public key, and other
RSA algorithms are refused (RFC 8725, section 3.1). The platform names no key id, so each live key is tried.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from webhooks.errors import ClaimRefused, Malformed, OutsideWindow, SignatureMismatch
from webhooks.headers import HeaderSource
from webhooks.inbound.public_keys import rsa_public_key
from webhooks.inbound.verified import Verified, body_id, live

_TIMES = ("iat", "exp", "nbf", "jti")


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtRs256:
    """`secrets` are RSA public keys, PEM or base64 of it.

    `audience` and `issuer` are demanded when given. `id_path` leads to the delivery's id through the claims;
    strings on the way are read as JSON (Wix nests `data` in `data`).
    """

    secrets: tuple[str, ...]
    audience: str | None = None
    issuer: str | None = None
    id_path: tuple[str, ...] = ()
    leeway_seconds: int = 5
    expiry_required: bool = True

    def verify(self, headers: HeaderSource, raw_body: bytes, now: datetime) -> Verified:
        keys = [rsa_public_key(secret) for secret in live(self.secrets)]
        payload = _signed_payload(raw_body, keys)
        claims = _claims(payload)
        self._check_times(claims, now.timestamp())
        self._check_parties(claims)
        issued = _number(claims, "iat")
        sent_at = None if issued is None else datetime.fromtimestamp(issued, UTC)
        return Verified(_token_id(claims, self.id_path), payload, sent_at=sent_at, claims=claims)

    def _check_times(self, claims: Mapping[str, Any], now: float) -> None:
        expires, begins = _number(claims, "exp"), _number(claims, "nbf")
        if expires is None and self.expiry_required:
            raise ClaimRefused("The token has no expiry time.")
        if expires is not None and now >= expires + self.leeway_seconds:
            raise OutsideWindow("The token has expired.")
        if begins is not None and now < begins - self.leeway_seconds:
            raise OutsideWindow("The token is not valid yet.")

    def _check_parties(self, claims: Mapping[str, Any]) -> None:
        if self.issuer is not None and claims.get("iss") != self.issuer:
            raise ClaimRefused("The token was issued by somebody else.")
        if self.audience is None:
            return
        audience = claims.get("aud")
        if self.audience not in (audience if isinstance(audience, list) else [audience]):
            raise ClaimRefused("The token is meant for somebody else.")


def _signed_payload(raw_body: bytes, keys: list[RSAPublicKey]) -> bytes:
    token = raw_body.strip()
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise Malformed("The body is not a signed token.") from error
    if header.get("alg") != "RS256" or "crit" in header or "b64" in header:
        raise Malformed("The token is not signed with RS256.")
    payloads = [_payload_under(key, token) for key in keys]
    for payload in payloads:
        if payload is not None:
            return payload
    raise SignatureMismatch("No live key made this signature.")


def _payload_under(key: RSAPublicKey, token: bytes) -> bytes | None:
    try:
        payload: bytes = jwt.PyJWS(algorithms=["RS256"]).decode(token, key, algorithms=["RS256"])
    except jwt.PyJWTError:
        return None
    return payload


def _claims(payload: bytes) -> Mapping[str, Any]:
    claims = _json(payload)
    if not isinstance(claims, dict):
        raise Malformed("The token does not hold claims.")
    return claims


def _json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _number(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not 0 <= value < 1e11:
        raise Malformed(f"The token's {name} is not a time.")
    return float(value)


def _token_id(claims: Mapping[str, Any], path: tuple[str, ...]) -> str:
    found: Any = claims
    for name in path:
        inner = _json(found) if isinstance(found, str) else found
        found = inner.get(name) if isinstance(inner, dict) else None
    if path and isinstance(found, str) and 0 < len(found) <= 200:
        return found
    # A resent token may be signed afresh; what it says stays the same.
    said = {name: value for name, value in claims.items() if name not in _TIMES}
    return body_id(json.dumps(said, sort_keys=True, separators=(",", ":")).encode())
