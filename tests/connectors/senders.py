"""Deliveries signed as each scheme's platform signs them, from a scheme's manifest options alone."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from connectors.connector import Connector
from tests.webhooks.inbound.tokens import public_pem, rsa_key, token
from webhooks import signing
from webhooks.inbound import secret_url

SECRET, OTHER_SECRET = "0123456789abcdef" * 3, "fedcba9876543210" * 3
Headers = dict[str, str]


@dataclass(frozen=True)
class Delivery:
    """`signed_headers` are those without which a delivery must be refused; `timed` tells old from new."""

    secret: str
    headers: Headers
    body: bytes
    signed_headers: tuple[str, ...]
    timed: bool
    whole: bool = True
    """Whether the body is signed too."""

    def without(self, header: str) -> Delivery:
        return replace(self, headers={name: self.headers[name] for name in self.headers if name != header})

    def with_bit_flipped(self, position: int) -> Delivery:
        """In the body, or in what stands for the sender where the body is not signed."""
        if not self.whole:
            name = self.signed_headers[0]
            spoilt_value = bytearray(self.headers[name].encode())
            spoilt_value[position // 8 % len(spoilt_value)] ^= 1
            return replace(self, headers={**self.headers, name: spoilt_value.decode()})
        spoilt = bytearray(self.body)
        spoilt[position // 8] ^= 1 << position % 8
        return replace(self, body=bytes(spoilt))


def deliver(
    connector: Connector, headers: Mapping[str, str], body: bytes, now: datetime, *, other: bool = False
) -> Delivery:
    """`body` as the platform would send it at `now`; with `other`, as somebody else would."""
    verification = connector.manifest.verification
    assert verification is not None
    delivery = _SENDERS[verification.scheme](verification.options, body, now, other)
    return replace(delivery, headers={**headers, **delivery.headers})


def secret_of(connector: Connector) -> str:
    """What the hub keeps for a connection to check `deliver`'s signatures with."""
    verification = connector.manifest.verification
    assert verification is not None
    match verification.scheme:
        case "jwt_rs256":
            return public_pem(rsa_key("wix"))
        case "standard_webhooks":
            return _STANDARD
    return SECRET


def _base64(options: Mapping[str, Any], body: bytes, now: datetime, other: bool) -> Delivery:
    secret = OTHER_SECRET if other else SECRET
    header = _first(options["signature_header"])
    signature = b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
    return Delivery(secret, {header: signature}, body, (header,), timed=False)


def _hex_timestamp(options: Mapping[str, Any], body: bytes, now: datetime, other: bool) -> Delivery:
    secret = OTHER_SECRET if other else SECRET
    stamp = str(int(now.timestamp() * (1 if options.get("unit") == "s" else 1000)))
    content = f"{stamp}{options.get('separator', ':')}".encode() + body
    headers = {
        options["timestamp_header"]: stamp,
        options["signature_header"]: hmac.digest(secret.encode(), content, hashlib.sha256).hex(),
    }
    return Delivery(secret, headers, body, tuple(headers), timed=True)


def _standard(options: Mapping[str, Any], body: bytes, now: datetime, other: bool) -> Delivery:
    secret = _OTHER_STANDARD if other else _STANDARD
    prefix = options.get("header_prefix", "webhook")
    signed = signing.sign([secret], "msg_1", int(now.timestamp()), body)
    headers = {name.replace("webhook", prefix, 1): value for name, value in signed.items()}
    return Delivery(secret, headers, body, tuple(headers), timed=True)


def _jwt(options: Mapping[str, Any], body: bytes, now: datetime, other: bool) -> Delivery:
    issued = int(now.timestamp())
    parties = {
        claim: options[name] for claim, name in (("aud", "audience"), ("iss", "issuer")) if name in options
    }
    claims = {**json.loads(body), **parties, "iat": issued, "exp": issued + 3600}
    return Delivery("", {}, token(claims, key="other" if other else "wix"), (), timed=True)


def _bearer(options: Mapping[str, Any], body: bytes, now: datetime, other: bool) -> Delivery:
    secret = OTHER_SECRET if other else SECRET
    header = options.get("header", "authorization")
    value = f"{options.get('word', 'Bearer')} {secret}".strip()
    return Delivery(secret, {header: value}, body, (header,), timed=False, whole=False)


def _secret_url(options: Mapping[str, Any], body: bytes, now: datetime, other: bool) -> Delivery:
    secret = OTHER_SECRET if other else SECRET
    return Delivery(secret, {secret_url.HEADER: secret}, body, (secret_url.HEADER,), timed=False, whole=False)


def _first(name: str | list[str]) -> str:
    return name if isinstance(name, str) else name[0]


_STANDARD, _OTHER_STANDARD = signing.new_secret(), signing.new_secret()
_SENDERS: dict[str, Callable[[Mapping[str, Any], bytes, datetime, bool], Delivery]] = {
    "hmac_base64": _base64,
    "hmac_hex_timestamp": _hex_timestamp,
    "standard_webhooks": _standard,
    "jwt_rs256": _jwt,
    "bearer": _bearer,
    "secret_url": _secret_url,
}
LONG_AGO = timedelta(days=2)
