"""Wix's own client and ours take the same tokens for Wix's; we refuse more only where we mean to."""

from __future__ import annotations

import hmac
import json
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.discovery import discover
from connectors.errors import ConnectorError
from connectors.reception import read_event
from connectors.values import Connection, Question, Standing
from connectors.wix.deliveries import CREATED, post_id
from connectors.wix.simulated_app import Installations, app_key
from tests.npm import installed
from tests.webhooks.inbound.tokens import encode, private_pem, public_pem, rsa_key
from webhooks.errors import NotVerified

FOLDER = Path(__file__).parent / "official"
WIX = discover()["wix"]
APP = Installations(lambda: datetime.now(UTC))
INSTANCE = APP.install("site")
POST = "0a1b2c3d-7777-4888-9999-aaaabbbbcccc"
RUN = {
    "actionKey": "sayhook-speak-a-text",
    "actionParams": {"text": "Hello."},
    "activationContext": {"activationId": "a1", "actionId": "n1", "payload": {}, "invocationToken": "t"},
}

Claims = dict[str, Any]
Change = Callable[[Claims], object]


def claims_of(body: bytes) -> Claims:
    return dict(jwt.decode(body, options={"verify_signature": False}))


def told(change: Change = dict, *, event: str = CREATED, **header: Any) -> str:
    said = {
        "id": "e1",
        "entityFqdn": "wix.blog.v3.post",
        "slug": "created",
        "entityId": POST,
        "eventTime": "2026-11-22T16:01:02.300Z",
        "createdEvent": {"entity": {"id": POST, "title": "Earth"}},
    }
    return signed(claims_of(APP.told(INSTANCE, event, said)), change, **header)


def asked(change: Change = dict, **header: Any) -> str:
    return signed(claims_of(APP.asked(INSTANCE, RUN)), change, **header)


def signed(claims: Claims, change: Change, *, key: Any = None, algorithm: str = "RS256") -> str:
    change(claims)
    return jwt.encode(claims, key or app_key(), algorithm)


def inner(change: Change) -> Change:
    """The same change one layer further in, where the JSON is a string."""

    def changed(claims: Claims) -> None:
        data = json.loads(claims["data"])
        change(data)
        claims["data"] = json.dumps(data)

    return changed


def without_algorithm(token: str) -> str:
    return b".".join([encode({"alg": "none", "typ": "JWT"}), token.split(".")[1].encode(), b""]).decode()


def keyed_with_the_public_key(token: str) -> str:
    """What a forger signs with HS256 and a key everybody has."""
    content = encode({"alg": "HS256", "typ": "JWT"}) + b"." + token.split(".")[1].encode()
    signature = hmac.digest(APP.public_key.encode(), content, "sha256")
    return (content + b"." + encode(signature)).decode()


def with_other_claims(token: str) -> str:
    head, _, signature = token.split(".")
    claims = {**claims_of(token.encode()), "iat": 1}
    return f"{head}.{encode(claims).decode()}.{signature}"


def drop(name: str) -> Change:
    return lambda claims: claims.pop(name)


def put(**values: Any) -> Change:
    return lambda claims: claims.update(values)


def ago(seconds: float) -> int:
    return int(time.time() - seconds)


def metadata(**values: Any) -> Change:
    return lambda claims: claims["data"]["metadata"].update(values)


STRANGER: rsa.RSAPrivateKey = rsa_key("stranger")
WEBHOOKS: dict[str, Callable[[], str]] = {
    "good": told,
    "no identity": lambda: told(inner(drop("identity"))),
    "issued in the future": lambda: told(put(iat=ago(-600))),
    "aud as it likes": lambda: told(put(aud="somebody else")),
    "a newline at the end": lambda: told() + "\n",
    "not yet expired": lambda: told(put(exp=ago(-5))),
    "expired for 3 s": lambda: told(put(exp=ago(3))),
    "expired for an hour": lambda: told(put(exp=ago(3600))),
    "not valid yet": lambda: told(put(nbf=ago(-600))),
    "another key": lambda: told(key=STRANGER),
    "no algorithm": lambda: without_algorithm(told()),
    "keyed with the public key": lambda: keyed_with_the_public_key(told()),
    "other claims": lambda: with_other_claims(told()),
    "signature cut": lambda: told()[:-8],
    "signature of another": lambda: told().rpartition(".")[0] + "." + asked().rpartition(".")[2],
    "quoted": lambda: f'"{told()}"',
    "empty": lambda: "",
    "no token": lambda: '{"data": {}}',
    "data is no JSON": lambda: told(put(data="{")),
    "no data": lambda: told(drop("data")),
    "inner data is no JSON": lambda: told(inner(put(data="{"))),
    "an event nobody handles": lambda: told(event="wix.blog.v3.post_exploded"),
    "no expiry": lambda: told(drop("exp")),
    "RS512": lambda: told(algorithm="RS512"),
}
QUESTIONS: dict[str, Callable[[], str]] = {
    "good": asked,
    "aud as a list": lambda: asked(put(aud=["another", APP.app_id])),
    "issued in the future": lambda: asked(put(iat=ago(-600))),
    "another audience": lambda: asked(put(aud="another app")),
    "no audience": lambda: asked(drop("aud")),
    "another issuer": lambda: asked(put(iss="wix.example")),
    "no issuer": lambda: asked(drop("iss")),
    "expired": lambda: asked(put(exp=ago(3))),
    "another key": lambda: asked(key=STRANGER),
    "no algorithm": lambda: without_algorithm(asked()),
    "keyed with the public key": lambda: keyed_with_the_public_key(asked()),
    "another extension": lambda: asked(metadata(appExtensionType="ECOM_SHIPPING_RATES")),
    "no metadata": lambda: asked(lambda claims: claims["data"].pop("metadata")),
    "a webhook": told,
}
STRICTER = {("webhook", "no expiry"), ("webhook", "RS512")}
"""What Wix's client takes and we do not: a token that lives for ever, and an algorithm Wix never uses."""


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client, installed from the package registry."""
    return installed(FOLDER, tmp_path_factory.mktemp("wix") / "client")


@pytest.mark.timeout(300)
def test_the_verdicts_agree_on_every_token(official: Path) -> None:
    named = [("webhook", name, make) for name, make in WEBHOOKS.items()]
    named += [("question", name, make) for name, make in QUESTIONS.items()]
    cases = [{"kind": kind, "body": make()} for kind, _, make in named]
    given = {"appId": APP.app_id, "publicKey": APP.public_key, "cases": cases}
    done = subprocess.run(
        ["node", "verdicts.mjs"],
        cwd=official,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    theirs: list[bool] = json.loads(done.stdout)
    ours = [takes(case["kind"], case["body"].encode()) for case in cases]
    told_apart = {
        (kind, name): (they, we)
        for (kind, name, _), they, we in zip(named, theirs, ours, strict=True)
        if they != we
    }
    print(f"{len(cases)} tokens, {sum(theirs)} taken by Wix's client, {sum(ours)} by ours")
    assert len(cases) >= 28
    assert told_apart == dict.fromkeys(STRICTER, (True, False))


def takes(kind: str, body: bytes) -> bool:
    """Whether it is verified and means something to the connector."""
    now = datetime.now(UTC)
    try:
        if kind == "question":
            verified = WIX.questioner([public_pem(STRANGER_OF_OLD), APP.public_key], APP.app_id).verify(
                {}, body, now
            )
            question = Question("v1/invoke", json.loads(verified.payload), now)
            standing = Standing(500, {"design": 50, "clone": 100}, "https://hub.example/pricing")
            connection = Connection("c1", "wix", WIX.options({}))
            assert WIX.reply is not None
            return WIX.reply(question, connection, standing).event is not None
        verified = WIX.verifier([public_pem(STRANGER_OF_OLD), APP.public_key]).verify({}, body, now)
        event = read_event(WIX, verified, {}, connection_id="c1", received_at=now)
        return event.name == CREATED and post_id(event.payload) == POST
    except (NotVerified, ConnectorError):
        return False


STRANGER_OF_OLD = rsa_key("the app's key before")
"""A second live key, as while the app's key is being changed."""


def test_each_of_several_keys_is_tried_and_none_else() -> None:
    """The app's key is being changed: what either signs is Wix's."""
    old = rsa_key("the app's key before")
    both = [APP.public_key, public_pem(old)]
    now = datetime.now(UTC)
    for token in (told(), told(key=private_pem(old))):
        assert WIX.verifier(both).verify({}, token.encode(), now).delivery_id == "e1"
        assert WIX.verifier(both[::-1]).verify({}, token.encode(), now).delivery_id == "e1"
    with pytest.raises(NotVerified):
        WIX.verifier(both[:1]).verify({}, told(key=private_pem(old)).encode(), now)
    with pytest.raises(NotVerified):
        WIX.questioner(both, "").verify({}, asked().encode(), now)
