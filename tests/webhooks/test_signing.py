from __future__ import annotations

import time
from base64 import b64decode, b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from webhooks import errors, signing

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PRIVATE = "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
PUBLIC = "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
NOW = 1_614_265_330
BODY = b'{"test": 2432232314}'
secrets = st.binary(min_size=24, max_size=64).map(lambda key: "whsec_" + b64encode(key).decode())
ids = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", min_size=1, max_size=60)
bodies = st.text(max_size=300)


def signed(body: bytes = BODY, *, at: int = NOW, secrets: tuple[str, ...] = (SECRET,)) -> dict[str, str]:
    return signing.sign(secrets, "msg_1", at, body)


def test_official_vector() -> None:
    headers = signing.sign([SECRET], "msg_p5jXN8AQM9LWM0D4loKWxJek", NOW, BODY)
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_ed25519_vector() -> None:
    headers = signing.sign([PRIVATE], "msg_1", 1_700_000_000, b'{"a":1}')
    assert headers["webhook-signature"] == (
        "v1a,DA+4m4VqA33Hm9Wlha/1LaJIOTEvbTa2btJ5gtcP1KIJ83aMbtlDaDEj9gW4UzCjPd9EMUgy41eDWvfIiFddCQ=="
    )
    assert signing.public_key(PRIVATE) == PUBLIC


def test_a_private_key_that_carries_its_public_half_signs_the_same() -> None:
    both = b64decode(PRIVATE[5:]) + b64decode(PUBLIC[5:])
    longer = "whsk_" + b64encode(both).decode()
    assert signing.sign([longer], "m", NOW, BODY) == signing.sign([PRIVATE], "m", NOW, BODY)


@settings(max_examples=200)
@given(secret=secrets, message_id=ids, body=bodies)
def test_the_official_library_accepts_what_we_sign(secret: str, message_id: str, body: str) -> None:
    headers = signing.sign([signing.new_secret(), secret], message_id, int(time.time()), body.encode())
    Webhook(secret).verify(body, headers, json_parse=False)


@settings(max_examples=200)
@given(secret=secrets, message_id=ids, body=bodies, at=st.integers(0, 2_000_000_000))
def test_we_accept_what_the_official_library_signs(secret: str, message_id: str, body: str, at: int) -> None:
    signature = Webhook(secret).sign(message_id, datetime.fromtimestamp(at, UTC), body)
    headers = {"Webhook-Id": message_id, "Webhook-Timestamp": str(at), "Webhook-Signature": signature}
    assert signing.verify([secret], headers, body.encode(), now=at) == signing.Signed(message_id, at)


@settings(max_examples=200)
@given(secret=secrets, body=bodies, bit=st.integers(min_value=0))
def test_both_refuse_one_flipped_bit(secret: str, body: str, bit: int) -> None:
    raw = bytearray(body.encode() or b"x")
    headers = signing.sign([secret], "msg_1", int(time.time()), bytes(raw))
    raw[bit // 8 % len(raw)] ^= 1 << bit % 7
    with pytest.raises(errors.SignatureMismatch):
        signing.verify([secret], headers, bytes(raw), now=time.time())
    with pytest.raises((WebhookVerificationError, UnicodeDecodeError)):
        Webhook(secret).verify(bytes(raw), headers, json_parse=False)


def test_a_huge_body() -> None:
    body = b"\x00\xff" * 8_000_000
    assert signing.verify([SECRET], signed(body), body, now=NOW).message_id == "msg_1"


def test_while_a_secret_rotates_both_are_signed_with_and_either_verifies() -> None:
    old, new = signing.new_secret(), signing.new_secret()
    headers = signed(secrets=(new, old))
    assert headers["webhook-signature"].count("v1,") == 2
    for live in ([old], [new], [signing.new_secret(), old]):
        signing.verify(live, headers, BODY, now=NOW)


def test_symmetric_and_asymmetric_signatures_travel_together() -> None:
    headers = signed(secrets=(PRIVATE, SECRET))
    signing.verify([PUBLIC], headers, BODY, now=NOW)
    signing.verify([SECRET], headers, BODY, now=NOW)


def test_ed25519_refuses_another_body_and_another_key() -> None:
    headers = signed(secrets=(PRIVATE,))
    with pytest.raises(errors.SignatureMismatch):
        signing.verify([PUBLIC], headers, BODY + b" ", now=NOW)
    with pytest.raises(errors.SignatureMismatch):
        signing.verify([signing.public_key(signing.new_private_key())], headers, BODY, now=NOW)


@pytest.mark.parametrize("away", [-300, -299, 0, 299, 300])
def test_inside_the_window(away: int) -> None:
    signing.verify([SECRET], signed(at=NOW + away), BODY, now=NOW)


@pytest.mark.parametrize("away", [-100_000, -301, 301, 100_000])
def test_outside_the_window(away: int) -> None:
    with pytest.raises(errors.OutsideWindow):
        signing.verify([SECRET], signed(at=NOW + away), BODY, now=NOW)


def test_another_tolerance() -> None:
    with pytest.raises(errors.OutsideWindow):
        signing.verify([SECRET], signed(at=NOW - 11), BODY, now=NOW, tolerance=10)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_each_header_is_needed_once(name: str) -> None:
    headers = signed()
    with pytest.raises(errors.HeaderRepeated):
        signing.verify([SECRET], [*headers.items(), (name.upper(), headers[name])], BODY, now=NOW)
    with pytest.raises(errors.HeaderMissing):
        signing.verify([SECRET], {**headers, name: "  "}, BODY, now=NOW)
    del headers[name]
    with pytest.raises(errors.HeaderMissing):
        signing.verify([SECRET], headers, BODY, now=NOW)


@pytest.mark.parametrize(
    "stamp", ["1614265330.0", "12abc", "-1614265330", "1614265330 1", "٣" * 10, "9" * 13]
)
def test_a_timestamp_is_digits_only(stamp: str) -> None:
    with pytest.raises(errors.Malformed):
        signing.verify([SECRET], {**signed(), "webhook-timestamp": stamp}, BODY, now=NOW)


def test_the_parts_of_the_signed_content_cannot_be_shifted() -> None:
    headers = signing.sign([SECRET], "msg", 17, f"{NOW}.evil".encode())
    shifted = {**headers, "webhook-id": "msg.17", "webhook-timestamp": str(NOW)}
    with pytest.raises(errors.Malformed):
        signing.verify([SECRET], shifted, b"evil", now=NOW)


@pytest.mark.parametrize(
    "signature",
    ["v1", "v1,", "v1,AAAA", "v1a,AAAA", "v1a,!", "v2,AAAA", ",", "v1,é", "v1,YQ==, v1,YQ==", "nonsense"],
)
@pytest.mark.parametrize("key", [SECRET, PUBLIC])
def test_other_signatures_are_refused(signature: str, key: str) -> None:
    with pytest.raises(errors.SignatureMismatch):
        signing.verify([key], {**signed(), "webhook-signature": signature}, BODY, now=NOW)


def test_one_version_is_never_taken_for_the_other() -> None:
    hmac_only = signed()["webhook-signature"]
    with pytest.raises(errors.SignatureMismatch):
        signing.verify([SECRET], {**signed(), "webhook-signature": "v1a" + hmac_only[2:]}, BODY, now=NOW)
    with pytest.raises(errors.SignatureMismatch):
        signing.verify([PUBLIC], signed(), BODY, now=NOW)


@pytest.mark.parametrize("live", [[], [""], ["  "]])
def test_without_a_secret_nothing_is_verified(live: list[str]) -> None:
    with pytest.raises(errors.SecretMissing):
        signing.verify(live, signed(), BODY, now=NOW)


def test_without_a_secret_nothing_is_signed() -> None:
    with pytest.raises(errors.SecretMissing):
        signing.sign([], "m", NOW, BODY)


@pytest.mark.parametrize(
    "secret",
    ["hush", "whsec_", "whsec_!!!!", "whsec_c2hvcnQ=", "whsec_" + "QUJD" * 30, "whpk_AAAA", SECRET[6:]],
)
def test_secrets_of_another_form_are_refused_without_being_repeated(secret: str) -> None:
    with pytest.raises(errors.SecretMalformed) as caught:
        signing.sign([secret], "m", NOW, BODY)
    assert secret.removeprefix("whsec_") not in str(caught.value) or secret == "whsec_"


@pytest.mark.parametrize("message_id", ["", "a.b", "a b", "é", "a\n", "x" * 256])
def test_message_ids_that_would_confuse_are_refused(message_id: str) -> None:
    with pytest.raises(ValueError, match="message id"):
        signing.sign([SECRET], message_id, NOW, BODY)


def test_fresh_secrets_keys_and_ids_differ_and_work() -> None:
    assert len({signing.new_secret() for _ in range(50)}) == 50
    assert len({signing.new_message_id() for _ in range(50)}) == 50
    key = signing.new_private_key()
    headers = signing.sign([key], signing.new_message_id(), NOW, BODY)
    signing.verify([signing.public_key(key)], headers, BODY, now=NOW)
