from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks import errors
from webhooks.inbound.hmac_base64 import HmacBase64
from webhooks.inbound.hmac_hex_timestamp import HmacHexTimestamp
from webhooks.inbound.verified import body_id

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
MS = int(NOW.timestamp() * 1000)
BODY = '{"id":788032119674292922,"title":"Café 👟"}'.encode()
SHOPIFY = HmacBase64(
    secrets=("hush-secret",),
    signature_header="X-Shopify-Hmac-Sha256",
    delivery_header="X-Shopify-Webhook-Id",
)
WEBFLOW = HmacHexTimestamp(
    secrets=("wf-secret",),
    signature_header="x-webflow-signature",
    timestamp_header="x-webflow-timestamp",
)
texts = st.text(min_size=1, max_size=60).filter(lambda text: text.strip())


def base64_of(secret: str, body: bytes) -> str:
    return b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def shopify(body: bytes = BODY, *, secret: str = "hush-secret") -> dict[str, str]:
    return {"x-shopify-hmac-sha256": base64_of(secret, body), "X-SHOPIFY-WEBHOOK-ID": "w-1"}


def webflow(body: bytes = BODY, *, secret: str = "wf-secret", stamp: int | str = MS) -> dict[str, str]:
    content = f"{stamp}:".encode() + body
    signature = hmac.digest(secret.encode(), content, hashlib.sha256).hex()
    return {"X-Webflow-Signature": signature, "x-webflow-timestamp": str(stamp)}


def test_shopify_vector() -> None:
    headers = {"X-Shopify-Hmac-SHA256": "FVvW1aEPNaCbzFQ0HD3pNhiICWba0QoG8LRG5fEANm0="}
    verified = SHOPIFY.verify(headers, BODY, NOW)
    assert (verified.delivery_id, verified.payload) == (body_id(BODY), BODY)


def test_woocommerce_vector() -> None:
    shop = HmacBase64(secrets=("s3cret",), signature_header="X-WC-Webhook-Signature")
    headers = {"x-wc-webhook-signature": "Y92rNNpYOOODVF6ckLQPdKTj2qvF3ZqNSaUYda1LJBg="}
    assert shop.verify(headers, b'{"id":1}', NOW).payload == b'{"id":1}'


def test_a_header_may_have_two_names() -> None:
    both = HmacBase64(
        secrets=("hush-secret",),
        signature_header=("X-Shopify-Hmac-Sha256", "Shopify-Hmac-Sha256"),
        delivery_header=("X-Shopify-Webhook-Id", "Shopify-Webhook-Id"),
    )
    newer = {name.lower().removeprefix("x-"): value for name, value in shopify().items()}
    assert both.verify(shopify(), BODY, NOW) == both.verify(newer, BODY, NOW)
    with pytest.raises(errors.HeaderMissing, match="X-Shopify-Hmac-Sha256 is missing"):
        both.verify({}, BODY, NOW)
    with pytest.raises(errors.HeaderRepeated):
        both.verify([*newer.items(), *newer.items()], BODY, NOW)


def test_webflow_vector() -> None:
    body = b'{"triggerType":"collection_item_published","payload":{"items":[]}}'
    headers = {
        "x-webflow-timestamp": "1722370035277",
        "x-webflow-signature": "c8ada15d74b43abc7d3e3bdbc41adc5f89a01ec53fbccafc3a35906a0c36da86",
    }
    sent = datetime.fromtimestamp(1_722_370_035.277, UTC)
    verified = WEBFLOW.verify(headers, body, sent + timedelta(minutes=4))
    assert verified.sent_at == sent
    assert verified.delivery_id == body_id(body)


@given(secret=texts, other=texts, body=st.binary(max_size=500), bit=st.integers(min_value=0))
def test_only_the_same_bytes_under_the_same_secret(secret: str, other: str, body: bytes, bit: int) -> None:
    plain = HmacBase64(secrets=(secret,), signature_header="sig")
    timed = HmacHexTimestamp(secrets=(secret,), signature_header="X-Webflow-Signature", timestamp_header="ts")
    stamped = {**webflow(body, secret=secret), "ts": str(MS)}
    plain.verify({"sig": base64_of(secret, body)}, body, NOW)
    timed.verify(stamped, body, NOW)
    flipped = bytearray(body or b"x")
    flipped[bit // 8 % len(flipped)] ^= 1 << bit % 8
    with pytest.raises(errors.SignatureMismatch):
        plain.verify({"sig": base64_of(secret, body)}, bytes(flipped), NOW)
    with pytest.raises(errors.SignatureMismatch):
        timed.verify(stamped, bytes(flipped), NOW)
    if other != secret:
        with pytest.raises(errors.SignatureMismatch):
            plain.verify({"sig": base64_of(other, body)}, body, NOW)


def test_a_huge_body() -> None:
    body = b"\x00\xff" * 4_000_000
    assert SHOPIFY.verify(shopify(body), body, NOW).delivery_id == "w-1"
    assert WEBFLOW.verify(webflow(body), body, NOW).payload == body


def test_either_live_secret_verifies() -> None:
    rotating = HmacBase64(secrets=("", "new", "old"), signature_header="x-shopify-hmac-sha256")
    rotating.verify(shopify(secret="old"), BODY, NOW)
    rotating.verify(shopify(secret="new"), BODY, NOW)
    with pytest.raises(errors.SignatureMismatch):
        rotating.verify(shopify(secret="older"), BODY, NOW)


@pytest.mark.parametrize("verifier", [SHOPIFY, WEBFLOW])
@pytest.mark.parametrize("value", ["AAAA", "é", "\udce9", "null", "=" * 44, "x" * 100_000])
def test_other_signatures_are_refused(verifier: HmacBase64 | HmacHexTimestamp, value: str) -> None:
    headers = {"X-Shopify-Hmac-Sha256": value, "X-Webflow-Signature": value, "x-webflow-timestamp": str(MS)}
    with pytest.raises(errors.SignatureMismatch):
        verifier.verify(headers, BODY, NOW)


def test_the_signature_is_taken_in_its_own_form_only() -> None:
    signature = webflow()["X-Webflow-Signature"]
    with pytest.raises(errors.SignatureMismatch):
        WEBFLOW.verify({**webflow(), "X-Webflow-Signature": signature.upper()}, BODY, NOW)
    unpadded = shopify()["x-shopify-hmac-sha256"].rstrip("=")
    with pytest.raises(errors.SignatureMismatch):
        SHOPIFY.verify({"x-shopify-hmac-sha256": unpadded}, BODY, NOW)


@pytest.mark.parametrize(
    ("verifier", "headers", "name"),
    [
        (SHOPIFY, shopify(), "x-shopify-hmac-sha256"),
        (WEBFLOW, webflow(), "X-Webflow-Signature"),
        (WEBFLOW, webflow(), "x-webflow-timestamp"),
    ],
)
def test_each_header_is_needed_once(
    verifier: HmacBase64 | HmacHexTimestamp, headers: Mapping[str, str], name: str
) -> None:
    with pytest.raises(errors.HeaderRepeated):
        verifier.verify([*headers.items(), (name.swapcase(), headers[name])], BODY, NOW)
    with pytest.raises(errors.HeaderMissing):
        verifier.verify({**headers, name: ""}, BODY, NOW)
    with pytest.raises(errors.HeaderMissing):
        verifier.verify({key: value for key, value in headers.items() if key != name}, BODY, NOW)


@pytest.mark.parametrize("secrets", [(), ("",), ("  ", "\t")])
def test_without_a_secret_nothing_gets_in(secrets: tuple[str, ...]) -> None:
    with pytest.raises(errors.SecretMissing):
        HmacBase64(secrets=secrets, signature_header="sig").verify({"sig": base64_of("", BODY)}, BODY, NOW)
    timed = HmacHexTimestamp(secrets=secrets, signature_header="sig", timestamp_header="ts")
    with pytest.raises(errors.SecretMissing):
        timed.verify({"sig": webflow(secret="")["X-Webflow-Signature"], "ts": str(MS)}, BODY, NOW)


@pytest.mark.parametrize("away", [-300_000, -1, 0, 300_000])
def test_inside_the_window(away: int) -> None:
    WEBFLOW.verify(webflow(stamp=MS + away), BODY, NOW)


@pytest.mark.parametrize("stamp", [MS - 300_001, MS + 300_001, MS // 1000, 0])
def test_outside_the_window(stamp: int) -> None:
    with pytest.raises(errors.OutsideWindow):
        WEBFLOW.verify(webflow(stamp=stamp), BODY, NOW)


def test_a_forged_old_one_is_told_apart_from_a_true_old_one() -> None:
    with pytest.raises(errors.SignatureMismatch):
        WEBFLOW.verify({**webflow(stamp=MS - 900_000), "x-webflow-timestamp": str(MS)}, BODY, NOW)


@pytest.mark.parametrize("stamp", ["", "now", "-5", "1.5", "1e12", "٣", "1" * 16, f"{MS}:"])
def test_a_timestamp_is_digits_only(stamp: str) -> None:
    with pytest.raises((errors.Malformed, errors.HeaderMissing)):
        WEBFLOW.verify(webflow(stamp=stamp), BODY, NOW)


def test_seconds_and_another_separator() -> None:
    verifier = HmacHexTimestamp(
        secrets=("k",),
        signature_header="sig",
        timestamp_header="ts",
        unit="s",
        separator=".",
        window_seconds=10,
    )
    stamp = MS // 1000 - 10
    signature = hmac.digest(b"k", f"{stamp}.".encode() + BODY, hashlib.sha256).hex()
    assert verifier.verify({"sig": signature, "ts": str(stamp)}, BODY, NOW).sent_at == NOW - timedelta(
        seconds=10
    )
    with pytest.raises(errors.OutsideWindow):
        verifier.verify({"sig": signature, "ts": str(stamp)}, BODY, NOW + timedelta(seconds=1))


def test_the_deliverys_own_id() -> None:
    assert SHOPIFY.verify(shopify(), BODY, NOW).delivery_id == "w-1"
    with pytest.raises(errors.HeaderRepeated):
        SHOPIFY.verify([*shopify().items(), ("x-shopify-webhook-id", "w-2")], BODY, NOW)


@pytest.mark.parametrize("named", ["", " ", "x" * 201, "a b", "é", "a\x00"])
def test_an_id_that_is_not_fit_to_keep_gives_way_to_the_bodys_hash(named: str) -> None:
    headers = {**shopify(), "X-SHOPIFY-WEBHOOK-ID": named}
    assert SHOPIFY.verify(headers, BODY, NOW).delivery_id == body_id(BODY)


def test_an_id_that_two_deliveries_share_is_joined_with_the_body() -> None:
    shop = HmacBase64(secrets=("k",), signature_header="sig", delivery_header="id", delivery_with_body=True)
    ids = {
        shop.verify({"sig": base64_of("k", body), "id": "same"}, body, NOW).delivery_id
        for body in (b"1", b"2", b"1")
    }
    assert len(ids) == 2
    assert all(named.startswith("same:sha256:") for named in ids)
