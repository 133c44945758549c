from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from datetime import UTC, datetime

import pytest

from webhooks.errors import SchemeMalformed, SecretMissing
from webhooks.inbound import SCHEMES, make_verifier

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LEAST: dict[str, dict[str, object]] = {
    "bearer": {},
    "hmac_base64": {"signature_header": "sig"},
    "hmac_hex_timestamp": {"signature_header": "sig", "timestamp_header": "ts"},
    "jwt_rs256": {"id_path": ["data", "data", "id"], "audience": "app"},
    "secret_url": {},
    "standard_webhooks": {"header_prefix": "svix"},
}


def test_a_verifier_made_from_a_manifests_words() -> None:
    verifier = make_verifier("hmac_base64", ["k"], {"signature_header": "sig", "delivery_header": "id"})
    signature = b64encode(hmac.digest(b"k", b"{}", hashlib.sha256)).decode()
    assert verifier.verify({"Sig": signature, "Id": "d-1"}, b"{}", NOW).delivery_id == "d-1"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_scheme_can_be_made_and_refuses_everything_without_a_secret(scheme: str) -> None:
    verifier = make_verifier(scheme, [], LEAST[scheme])
    names = ("sig", "ts", "authorization", "svix-id", "svix-timestamp", "svix-signature")
    with pytest.raises(SecretMissing):
        verifier.verify(dict.fromkeys(names, "1"), b"", NOW)


@pytest.mark.parametrize(
    ("scheme", "options", "said"),
    [
        ("md5", {}, "no scheme 'md5'; there are bearer, hmac_base64"),
        ("hmac_base64", {"signature_header": "s", "colour": "red"}, "no option 'colour'"),
        ("hmac_base64", {"signature_header": "s", "secrets": ["x"]}, "no option 'secrets'"),
        ("hmac_base64", {}, "needs the option 'signature_header'"),
        (
            "hmac_hex_timestamp",
            {"signature_header": "s", "timestamp_header": "t", "unit": "h"},
            "'unit' is wrong",
        ),
        ("standard_webhooks", {"window_seconds": "soon"}, "'window_seconds' is wrong"),
        ("jwt_rs256", {"id_path": "data"}, "'id_path' is wrong"),
    ],
)
def test_mistakes_are_named(scheme: str, options: dict[str, object], said: str) -> None:
    with pytest.raises(SchemeMalformed, match=said):
        make_verifier(scheme, ["k"], options)
