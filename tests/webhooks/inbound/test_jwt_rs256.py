from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.webhooks.inbound.tokens import encode, private_pem, public_pem, rsa_key, token
from webhooks import errors
from webhooks.inbound.jwt_rs256 import JwtRs256

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
STAMP = int(NOW.timestamp())
PEM = public_pem(rsa_key("wix"))
OTHER_PEM = public_pem(rsa_key("other"))
EVENT = {"id": "event-1", "entityFqdn": "wix.blog.v3.post", "slug": "created"}
DATA = json.dumps({"data": json.dumps(EVENT), "instanceId": "i-1", "eventType": "wix.blog.v3.post_created"})
CLAIMS: dict[str, Any] = {"data": DATA, "iat": STAMP, "exp": STAMP + 3600}
VERIFIER = JwtRs256(secrets=(PEM,), id_path=("data", "data", "id"))
PLUGIN = JwtRs256(secrets=(PEM,), audience="app-1", issuer="wix.com")


def test_a_webhook_of_the_platform() -> None:
    verified = VERIFIER.verify({}, token(CLAIMS), NOW)
    assert verified.delivery_id == "event-1"
    assert verified.claims == CLAIMS == json.loads(verified.payload)
    assert verified.sent_at == NOW


def test_a_token_of_the_usual_library() -> None:
    body = jwt.encode(CLAIMS, rsa_key("wix"), algorithm="RS256").encode()
    assert VERIFIER.verify({}, body, NOW).delivery_id == "event-1"


def test_space_around_the_token_is_no_harm() -> None:
    assert VERIFIER.verify({}, b"\n" + token(CLAIMS) + b"\r\n", NOW).delivery_id == "event-1"


@pytest.mark.parametrize("secret", [PEM, b64encode(PEM.encode()).decode(), "  " + PEM + "\n"])
def test_a_key_as_pem_or_base64_of_it(secret: str) -> None:
    assert JwtRs256(secrets=("", OTHER_PEM, secret)).verify({}, token(CLAIMS), NOW)


def test_every_flipped_bit_is_refused() -> None:
    body = token(CLAIMS)
    for position in range(0, len(body), 7):
        forged = bytearray(body)
        forged[position] ^= 1 << position % 7
        with pytest.raises((errors.SignatureMismatch, errors.Malformed)):
            VERIFIER.verify({}, bytes(forged), NOW)


def test_another_key_is_refused() -> None:
    with pytest.raises(errors.SignatureMismatch):
        VERIFIER.verify({}, token(CLAIMS, key="other"), NOW)


def test_no_signature_is_refused() -> None:
    head, body, _ = token(CLAIMS).split(b".")
    unsigned = encode({"alg": "none", "typ": "JWT"}) + b"." + body + b"."
    for forged in (unsigned, head + b"." + body + b".", head + b"." + body):
        with pytest.raises((errors.Malformed, errors.SignatureMismatch)):
            VERIFIER.verify({}, forged, NOW)


def test_the_public_key_is_not_taken_for_a_shared_secret() -> None:
    content = encode({"alg": "HS256", "typ": "JWT"}) + b"." + encode(CLAIMS)
    forged = content + b"." + encode(hmac.digest(PEM.encode(), content, hashlib.sha256))
    with pytest.raises(errors.Malformed):
        VERIFIER.verify({}, forged, NOW)


@pytest.mark.parametrize("alg", ["RS512", "PS256", "rs256", "none", "NONE", "ES256", "", None, 1])
def test_only_one_algorithm_is_taken(alg: object) -> None:
    with pytest.raises(errors.Malformed):
        VERIFIER.verify({}, token(CLAIMS, alg=alg), NOW)


def test_the_right_key_under_another_algorithm_is_refused() -> None:
    body = jwt.encode(CLAIMS, rsa_key("wix"), algorithm="RS512").encode()
    with pytest.raises(errors.Malformed):
        VERIFIER.verify({}, body, NOW)


@pytest.mark.parametrize("header", [{"crit": ["exp"]}, {"b64": False, "crit": ["b64"]}, {"b64": False}])
def test_headers_that_change_the_rules_are_refused(header: dict[str, Any]) -> None:
    with pytest.raises(errors.Malformed):
        VERIFIER.verify({}, token(CLAIMS, **header), NOW)


def test_keys_named_by_the_token_are_ignored() -> None:
    other = rsa_key("other").public_key().public_numbers()
    own_key = {"kty": "RSA", "e": "AQAB", "n": encode(other.n.to_bytes(256, "big")).decode()}
    forged = token(CLAIMS, key="other", jwk=own_key, jku="https://evil.test/keys", kid="../../etc/passwd")
    with pytest.raises((errors.SignatureMismatch, errors.Malformed)):
        VERIFIER.verify({}, forged, NOW)


@pytest.mark.parametrize(
    "body",
    [b"", b"  ", b"not a token", b"a.b.c", b"{}", b'"' + token(CLAIMS) + b'"', b"\xff\xfe", b"." * 500],
)
def test_what_is_no_token_is_refused(body: bytes) -> None:
    with pytest.raises(errors.Malformed):
        VERIFIER.verify({}, body, NOW)


@pytest.mark.parametrize("payload", [b"", b"[]", b'"text"', b"{", b"\xff", b"[" * 100_000, b"null"])
def test_signed_claims_that_are_no_object_are_refused(payload: bytes) -> None:
    with pytest.raises(errors.Malformed):
        VERIFIER.verify({}, token(payload), NOW)


def test_expiry() -> None:
    body = token(CLAIMS)
    VERIFIER.verify({}, body, NOW + timedelta(seconds=3604))
    with pytest.raises(errors.OutsideWindow):
        VERIFIER.verify({}, body, NOW + timedelta(seconds=3605))


def test_a_token_must_expire_unless_told_otherwise() -> None:
    eternal = token({"data": DATA})
    with pytest.raises(errors.ClaimRefused):
        VERIFIER.verify({}, eternal, NOW)
    lenient = JwtRs256(secrets=(PEM,), expiry_required=False)
    assert lenient.verify({}, eternal, NOW).sent_at is None


def test_a_token_of_the_future() -> None:
    with pytest.raises(errors.OutsideWindow):
        VERIFIER.verify({}, token({**CLAIMS, "nbf": STAMP + 6}), NOW)
    VERIFIER.verify({}, token({**CLAIMS, "nbf": STAMP + 4}), NOW)
    VERIFIER.verify({}, token({**CLAIMS, "iat": STAMP + 900}), NOW)


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", ["1790000000", True, [], -1, 1e30, float("nan"), float("inf")])
def test_times_are_numbers(name: str, value: object) -> None:
    with pytest.raises(errors.Malformed):
        VERIFIER.verify({}, token({**CLAIMS, name: value}), NOW)


@pytest.mark.parametrize("audience", ["app-1", ["app-1"], ["other", "app-1"]])
def test_audience_and_issuer(audience: object) -> None:
    PLUGIN.verify({}, token({**CLAIMS, "aud": audience, "iss": "wix.com"}), NOW)


@pytest.mark.parametrize(
    "parties",
    [
        {},
        {"iss": "wix.com"},
        {"aud": "app-1"},
        {"aud": "app-2", "iss": "wix.com"},
        {"aud": "app-1", "iss": "wix.com.evil.test"},
        {"aud": ["app-2"], "iss": "wix.com"},
        {"aud": {"app-1": 1}, "iss": "wix.com"},
        {"aud": [], "iss": ["wix.com"]},
    ],
)
def test_a_token_for_others_is_refused(parties: dict[str, Any]) -> None:
    with pytest.raises(errors.ClaimRefused):
        PLUGIN.verify({}, token({**CLAIMS, **parties}), NOW)


@pytest.mark.parametrize(
    "data",
    [
        DATA[:-1],
        "null",
        json.dumps({"data": "[]"}),
        json.dumps({"data": json.dumps({"id": 7})}),
        "[" * 100_000,
    ],
)
def test_without_an_id_of_its_own_a_delivery_is_known_by_what_it_says(data: str) -> None:
    first = VERIFIER.verify({}, token({**CLAIMS, "data": data}), NOW)
    resent = VERIFIER.verify({}, token({"exp": STAMP + 9000, "data": data, "iat": STAMP + 60}), NOW)
    other = VERIFIER.verify({}, token({**CLAIMS, "data": data + " "}), NOW)
    assert first.delivery_id.startswith("sha256:")
    assert first.delivery_id == resent.delivery_id != other.delivery_id


@pytest.mark.parametrize("secrets", [(), ("",), (" ", "\n")])
def test_without_a_key_nothing_gets_in(secrets: tuple[str, ...]) -> None:
    with pytest.raises(errors.SecretMissing):
        JwtRs256(secrets=secrets).verify({}, token(CLAIMS), NOW)


@pytest.mark.parametrize(
    "secret",
    [
        "hush",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        b64encode(b"no key").decode(),
        private_pem(rsa_key("wix")),
        public_pem(ec.generate_private_key(ec.SECP256R1())),
        public_pem(rsa_key("short", 1024)),
    ],
)
def test_a_key_of_another_form_is_refused_without_being_repeated(secret: str) -> None:
    with pytest.raises(errors.SecretMalformed) as caught:
        JwtRs256(secrets=(PEM, secret)).verify({}, token(CLAIMS), NOW)
    assert secret not in str(caught.value)
