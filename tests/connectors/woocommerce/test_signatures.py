"""WooCommerce's own algorithm, in PHP, and ours say the same of 200 deliveries, whatever the secret."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from random import Random

import pytest

from connectors.discovery import discover
from connectors.woocommerce.shop import Shop, Webhook
from tests.connectors.woocommerce.test_plugin import SCRIPTS, php
from webhooks.errors import NotVerified

WOO = discover()["woocommerce"]
NOW = datetime(2026, 11, 22, tzinfo=UTC)
OURS = 200
CASES = 2 * OURS
LETTERS = "abcXYZ0189 \"'<>&{}[]\\/\n\t§ßéЖ世🎧\u200d\u00a0"
STORED = ("&amp;", "&lt;", "&gt;", "&quot;", "&#039;", "'", '"', "&", "plain")


def cases() -> list[tuple[str, bytes]]:
    """Secrets as a shop may store them, and bodies from empty to odd; every other secret is one of ours."""
    random = Random(7)
    made = []
    for turn in range(CASES):
        ours = "".join(random.choices("0123456789abcdef", k=48))
        secret = "".join(random.choices(STORED, k=random.randint(1, 8))) if turn % 2 else ours
        text = "".join(random.choices(LETTERS, k=random.choice([0, 1, 63, 64, 65, 1000])))
        made.append((secret, json.dumps({"id": turn, "name": text}, ensure_ascii=bool(turn % 3)).encode()))
    return made


def test_our_verifier_takes_what_woocommerce_signs_and_nothing_else() -> None:
    made = cases()
    sent = json.dumps([[secret, b64encode(body).decode()] for secret, body in made])
    signed = json.loads(php(SCRIPTS / "signatures.php", sent=sent))
    assert len(set(signed)) == CASES
    verified = 0
    for turn, ((secret, body), signature) in enumerate(zip(made, signed, strict=True)):
        shop = Shop("https://shop.example", _nobody, lambda: NOW)
        headers = shop.headers(Webhook(1, "product.updated", "https://hub.example", secret), body)
        assert headers["X-WC-Webhook-Signature"] == signature, "the simulated shop signs as a real one"
        if turn % 2:
            continue
        assert WOO.verifier([secret]).verify(headers, body, NOW).payload == body
        with pytest.raises(NotVerified):
            WOO.verifier([secret]).verify(headers, body + b" ", NOW)
        with pytest.raises(NotVerified):
            WOO.verifier([made[turn - 2][0]]).verify(headers, body, NOW)
        verified += 1
    assert verified == OURS


async def _nobody(url: str, headers: object, body: bytes) -> int:
    return 0
