"""Browsers that Shopify signs: the documented example, what is refused, and what its libraries say."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from urllib.parse import parse_qsl, urlencode

import pytest
from shopify import Session
from shopify_app import ShopifyApp
from shopify_app.types import RequestInput

from connectors.errors import ArrivalRefused, OptionInvalid
from connectors.shopify.arrival import WINDOW_SECONDS, arrive, messages, signature
from connectors.shopify.simulator import Simulator
from tests.connectors.shopify.shops import HOME, SHOPIFY, START
from webhooks.errors import NotVerified

pytestmark = pytest.mark.xdist_group("shopify")  # one installation of the libraries for all

SECRET = "hush"
CASES, LEAST = 900, 200
LETTERS = "abcXYZ0189-_.é👟=&%/+"


def query(secret: str = SECRET, at: datetime = START, form: int = 0, **more: str) -> str:
    stamp = str(int(at.timestamp()))
    parameters = {"shop": "some-shop.myshopify.com", "state": "n0nce", "timestamp": stamp, **more}
    return urlencode({**parameters, "hmac": signature(messages(parameters)[form], secret)})


def test_the_documented_example() -> None:
    parameters = {
        "code": "0907a61c0c8d55e99db179b68161bc00",
        "shop": "some-shop.myshopify.com",
        "state": "0.6784241404160823",
        "timestamp": "1337178173",
    }
    signed = "700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf"
    at = datetime.fromtimestamp(1337178173, UTC)
    assert (
        arrive(urlencode({**parameters, "hmac": signed}), [SECRET], at) == "https://some-shop.myshopify.com"
    )


@pytest.mark.parametrize("form", [0, 1], ids=["as documented", "as the Node library"])
def test_either_way_of_escaping_is_proof(form: int) -> None:
    written = query(form=form, host="YWRtaW4=", note="a & b = 100 % ~'é")
    assert arrive(written, ["new", SECRET], START) == "https://some-shop.myshopify.com"


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (query("other"), "not signed by Shopify"),
        (query() + "&code=1", "not signed by Shopify"),
        (query().replace("n0nce", "n1nce"), "not signed by Shopify"),
        (query().split("&hmac")[0], "not signed by Shopify"),
        (query() + "&state=n0nce", "says the same thing twice"),
        (query(at=START - timedelta(seconds=WINDOW_SECONDS + 1)), "too old"),
        (query(at=START + timedelta(seconds=WINDOW_SECONDS + 1)), "too old"),
        (query(timestamp="soon"), "too old"),
        (query(shop="evil.example"), "names no shop"),
        (query(shop="some-shop.myshopify.com.evil.example"), "names no shop"),
        (query(shop="some-shop.myshopify.com\n"), "names no shop"),
        (query(shop="evil.example/some.myshopify.com"), "names no shop"),
        (query(shop="-x.myshopify.com"), "names no shop"),
        (query(shop="a_b.myshopify.com"), "names no shop"),
        ("", "names no shop"),
        ("shop=%ff", "cannot be read"),
        ("&".join(f"a{n}=1" for n in range(60)), "cannot be read"),
    ],
)
def test_who_is_not_sent_by_shopify_is_refused(written: str, sentence: str) -> None:
    with pytest.raises(ArrivalRefused, match=sentence):
        arrive(written, [SECRET], START)


def test_without_a_secret_nobody_arrives() -> None:
    for secrets in ([], [""], ["  "]):
        with pytest.raises(ArrivalRefused, match="not signed"):
            arrive(query(secret=secrets[0] if secrets else SECRET), secrets, START)


def test_the_simulated_shop_sends_its_merchants_as_shopify_does() -> None:
    simulator = Simulator(HOME, now=lambda: START)
    link = simulator.install_link("https://hub.example/connect/shopify")
    secret = simulator.credentials["client_secret"]
    assert SHOPIFY.arrive is not None
    assert SHOPIFY.arrive(link.split("?")[1], [secret], START) == HOME
    assert simulator.stands_for == (HOME,)


def test_only_a_shop_s_own_address_can_be_typed_in() -> None:
    assert SHOPIFY.address("my-shop.myshopify.com/") == "https://my-shop.myshopify.com"
    assert SHOPIFY.address("http://127.0.0.1:9000", allow_http=True) == "http://127.0.0.1:9000"
    for given in (
        "shop.example",
        "my_shop.myshopify.com",
        "my-shop.myshopify.com/admin",
        "https://127.0.0.1",
    ):
        with pytest.raises(OptionInvalid, match=r"must look like https://my-shop\.myshopify\.com\.$"):
            SHOPIFY.address(given)


@pytest.mark.timeout(300)
def test_shopify_s_libraries_share_our_verdict(official: Path) -> None:
    """Values of plain letters go to both libraries, others to the one that signs them so."""
    random, now = Random("arrivals"), datetime.now(UTC)
    cases = [_case(random, now, plain=number % 3 > 0) for number in range(CASES)]
    ours = [_accepts(secret, written, now) for secret, written, _ in cases]
    python = [_python(secret, written) for secret, written, form in cases if form != 1]
    assert python == [verdict for verdict, (_, _, form) in zip(ours, cases, strict=True) if form != 1]
    asked = [{"secret": secret, "query": written} for secret, written, form in cases if form != 0]
    node = _node(official, asked)
    for verdicts in (python, node):
        assert LEAST <= sum(verdicts) <= len(verdicts) - LEAST
    assert node == [verdict for verdict, (_, _, form) in zip(ours, cases, strict=True) if form != 0]


def _case(random: Random, now: datetime, *, plain: bool) -> tuple[str, str, int | None]:
    """A secret, a query, and the form it is signed in; None where both forms are the same."""
    secret = "".join(random.choice("abcdef0123456789_") for _ in range(32))
    form = None if plain else random.randrange(2)
    value = "".join(random.choice(LETTERS[:10] if plain else LETTERS) for _ in range(20))
    written = query(secret, at=now, form=form or 0, code=value, state="s" + value[:5])
    match random.randrange(6):
        case 0:
            secret += "x"
        case 1:
            written = written.replace("some-shop", "other-shop")
        case 2:
            name, _, mac = written.rpartition("=")
            written = f"{name}={mac[::-1]}"
    return secret, written, form


def _accepts(secret: str, written: str, now: datetime) -> bool:
    try:
        arrive(written, [secret], now)
    except ArrivalRefused:
        return False
    return True


def _python(secret: str, written: str) -> bool:
    Session.setup(api_key="key", secret=secret)
    verdict: bool = Session.validate_params(dict(parse_qsl(written)))
    return verdict


def _node(official: Path, asked: list[dict[str, str]]) -> list[bool]:
    lines = "\n".join(json.dumps(one) for one in asked)
    done = subprocess.run(
        ["node", "arrivals.mjs"], cwd=official, input=lines, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return [line == "true" for line in done.stdout.split()]


def test_shopify_s_python_library_verifies_webhooks_as_we_do() -> None:
    random = Random("webhooks")
    verdicts = []
    for number in range(CASES):
        prefix = "X-Shopify-" if number % 2 else "Shopify-"
        body = json.dumps({"id": random.randrange(10**18), "title": random.choice(LETTERS) * 9})
        mac = b64encode(hmac.digest(SECRET.encode(), body.encode(), hashlib.sha256)).decode()
        spoilt = random.randrange(3)
        headers = {
            f"{prefix}Topic": "products/update",
            f"{prefix}Shop-Domain": "some-shop.myshopify.com",
            f"{prefix}API-Version": "2026-10",
            f"{prefix}Webhook-Id": "w-1",
            f"{prefix}Hmac-Sha256": mac[::-1] if spoilt == 1 else mac,
        }
        body = body + " " if spoilt == 2 else body
        app = ShopifyApp(client_id="key", client_secret=SECRET)
        asked: RequestInput = {
            "method": "POST",
            "headers": headers,
            "url": "https://hub.test/hooks",
            "body": body,
        }
        verdicts.append(app.verify_webhook_req(asked).ok)
        assert _verified(headers, body) is verdicts[-1]
    assert LEAST <= sum(verdicts) <= CASES - LEAST


def _verified(headers: dict[str, str], body: str) -> bool:
    try:
        SHOPIFY.verifier([SECRET]).verify(headers, body.encode(), START)
    except NotVerified:
        return False
    return True
