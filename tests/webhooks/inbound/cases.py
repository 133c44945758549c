"""Deliveries as the platforms send them, good ones and spoilt ones, for a second opinion on each."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from random import Random

from tests.webhooks.inbound.tokens import public_pem, rsa_key, token
from webhooks import signing
from webhooks.inbound import Verifier, make_verifier

LETTERS = "abcXYZ 0189é👟<>\"'\\/{}[]:,.=&+%\u2028"


@dataclass(frozen=True)
class Case:
    scheme: str
    secret: str
    body: str
    headers: dict[str, str]

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    def verifier(self) -> Verifier:
        return make_verifier(self.scheme, [self.secret], OPTIONS[self.scheme])


OPTIONS: dict[str, dict[str, object]] = {
    "hmac_base64": {"signature_header": "X-Shopify-Hmac-Sha256"},
    "hmac_hex_timestamp": {
        "signature_header": "x-webflow-signature",
        "timestamp_header": "x-webflow-timestamp",
    },
    "jwt_rs256": {},
    "standard_webhooks": {},
}


def shopify(random: Random, now: datetime) -> Case:
    secret, body = _words(random), _body(random)
    signature = b64encode(hmac.digest(secret.encode(), body.encode(), hashlib.sha256)).decode()
    headers = {
        "X-Shopify-Topic": "products/update",
        "X-Shopify-Shop-Domain": "some.myshopify.com",
        "X-Shopify-API-Version": "2026-10",
        "X-Shopify-Webhook-Id": "w-1",
        "X-Shopify-Hmac-Sha256": signature,
    }
    return Case("hmac_base64", secret, body, headers)


def webflow(random: Random, now: datetime) -> Case:
    secret, body, stamp = _words(random), _body(random), str(int(now.timestamp() * 1000))
    signature = hmac.digest(secret.encode(), f"{stamp}:{body}".encode(), hashlib.sha256).hex()
    headers = {"x-webflow-timestamp": stamp, "x-webflow-signature": signature}
    return Case("hmac_hex_timestamp", secret, body, headers)


def standard(random: Random, now: datetime) -> Case:
    secret, body = signing.new_secret(), _body(random)
    secrets = [signing.new_secret(), secret][random.randrange(2) :]
    headers = signing.sign(secrets, f"msg_{random.randrange(10**9)}", int(now.timestamp()), body.encode())
    return Case("standard_webhooks", secret, body, headers)


def wix(random: Random, now: datetime) -> Case:
    event = json.dumps({"data": _body(random), "instanceId": "i", "eventType": "wix.blog.v3.post_created"})
    stamp = int(now.timestamp())
    claims = {"data": event, "iat": stamp, "exp": stamp + random.choice([-60, 600, 3600])}
    body = token(claims, key=random.choice(["wix", "wix", "other"])).decode()
    return Case("jwt_rs256", public_pem(rsa_key("wix")), body, {})


def spoilt(case: Case, random: Random) -> Case:
    """The same case with one thing wrong with it, or with nothing wrong."""
    ways: list[Callable[[Case, Random], Case]] = [_as_it_was, _as_it_was, _other_body, _other_secret]
    if case.headers:
        ways += [_other_signature, _no_signature]
    return random.choice(ways)(case, random)


def _as_it_was(case: Case, random: Random) -> Case:
    return case


def _other_body(case: Case, random: Random) -> Case:
    at = random.randrange(len(case.body))
    other = "A" if case.body[at] != "A" else "B"
    return replace(case, body=case.body[:at] + other + case.body[at + 1 :])


def _other_secret(case: Case, random: Random) -> Case:
    if case.scheme == "jwt_rs256":
        return replace(case, secret=public_pem(rsa_key("other")))
    return replace(case, secret=signing.new_secret())


def _other_signature(case: Case, random: Random) -> Case:
    name = list(case.headers)[-1]
    value = case.headers[name]
    at = random.randrange(len(value) - 4)
    other = "b" if value[at] != "b" else "c"
    return replace(case, headers={**case.headers, name: value[:at] + other + value[at + 1 :]})


def _no_signature(case: Case, random: Random) -> Case:
    return replace(case, headers={name: case.headers[name] for name in list(case.headers)[:-1]})


def _words(random: Random) -> str:
    return "".join(random.choice("abcdefXYZ0123456789-_$&") for _ in range(random.randint(8, 60)))


def _body(random: Random) -> str:
    text = "".join(random.choice(LETTERS) for _ in range(random.randint(0, 200)))
    return json.dumps({"id": random.randrange(10**18), "title": text}, ensure_ascii=random.random() < 0.5)
