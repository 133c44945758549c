"""What must not get in leaves nothing behind but a count."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable
from uuid import uuid4

from sqlalchemy import Connection, select

from hub import rotation
from hub.connections.catalogue import catalogue
from hub.connections.receiving import kept_headers
from hub.connections.records import find_connection
from hub.connections.refusing import Refusals, Refused
from hub.settings import Settings
from hub.store.connection_tables import InboundEvent, Refusal
from tests.hub.connections.conftest import ShopHere, Workshop
from tests.hub.running import eventually

BODY = json.dumps({"id": 1, "status": "publish", "type": "simple", "name": "Mug"}).encode()


async def secret_of(workshop: Workshop, connection: str) -> str:
    record = await workshop.record(connection)
    return rotation.live(workshop.hub.secrets, record.hook_secrets, workshop.hub.now())[0]


def signed(secret: str, body: bytes = BODY) -> dict[str, str]:
    signature = b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
    return {
        "X-WC-Webhook-Signature": signature,
        "X-WC-Webhook-Topic": "product.created",
        "Authorization": "Basic c2VjcmV0",
        "Cookie": "a=b",
    }


async def test_nothing_unsigned_gets_in_and_the_owner_sees_how_often(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    path = f"/hooks/woocommerce/{connected}"
    secret = await secret_of(workshop, connected)
    other = signed("0" * 48)
    flipped = bytes([BODY[0] ^ 1]) + BODY[1:]
    post = workshop.client.post
    assert (await post(path, content=BODY)).status_code == 401
    assert (await post(path, content=BODY, headers=other)).status_code == 401
    refused = await post(path, content=flipped, headers=signed(secret))
    assert refused.status_code == 401
    assert refused.json()["code"] == "signature_mismatch"
    assert await workshop.count(InboundEvent) == 0

    async def counted() -> bool:
        listed = await workshop.call("GET", f"/v1/connections/{connected}/events")
        found = {row["reason"]: row["count"] for row in listed["refusals"]}
        return found == {"header_missing": 1, "signature_mismatch": 2}

    await eventually(counted, 5)

    assert (await post(path, content=BODY, headers=signed(secret))).status_code == 200
    async with workshop.hub.database.reading() as session:
        await find_connection(session, workshop.customer.account_id, connected)
        (event,) = await session.scalars(
            InboundEvent.__table__.select().with_only_columns(InboundEvent.headers)
        )
    assert event["x-wc-webhook-topic"] == "product.created"
    assert not {"x-wc-webhook-signature", "authorization", "cookie"} & set(event)


async def test_a_flood_of_nonsense_costs_one_write_and_what_is_untold_is_kept_at_the_end(
    workshop: Workshop, connected: str
) -> None:
    written: list[int] = []
    write = workshop.hub.database.write

    async def counting(work: Callable[[Connection], None]) -> None:
        written.append(1)
        await write(work)

    workshop.hub.database.write = counting  # type: ignore[method-assign]  # watched, not replaced
    refusals = Refusals(workshop.hub)
    for number in range(500):
        refusals.count(Refused(connected, "signature_mismatch", f"No. {number}", workshop.hub.now()))
        await asyncio.sleep(0)
    refusals.count(Refused(str(uuid4()), "signature_mismatch", "Of nobody's.", workshop.hub.now()))
    await refusals.close()
    assert len(written) == 2, "the first at once, the others together"
    async with workshop.hub.database.reading() as session:
        (row,) = await session.scalars(select(Refusal))
    assert (row.count, row.sentence, row.first_at < row.last_at) == (500, "No. 499", True)


async def test_what_is_not_there_or_too_large_is_refused(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    post = workshop.client.post
    for path in (
        f"/hooks/woocommerce/{uuid4()}",
        "/hooks/woocommerce/short",
        f"/hooks/nowhere/{connected}",
        f"/hooks/webflow/{connected}",
        "/hooks/woocommerce",
    ):
        assert (await post(path, content=BODY)).status_code == 404, path
    large = await post(f"/hooks/woocommerce/{connected}", content=b"x" * 1_100_000)
    assert large.status_code == 413

    async def counted() -> bool:
        listed = await workshop.call("GET", f"/v1/connections/{connected}/events")
        return [row["reason"] for row in listed["refusals"]] == ["payload_too_large"]

    await eventually(counted, 5)
    assert (await workshop.client.get("/a/not-a-token.mp3")).status_code == 404
    assert await workshop.count(InboundEvent) == 0


async def test_a_replaced_secret_lives_on_for_a_day(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    path, old = f"/hooks/woocommerce/{connected}", await secret_of(workshop, connected)
    await workshop.call("POST", f"/v1/connections/{connected}/rotate-secret")
    new = await secret_of(workshop, connected)
    assert new != old
    assert len(shop.shop.webhooks) == 3
    assert {hook.secret for hook in shop.shop.webhooks.values()} == {new}
    for secret in (old, new):
        body = json.dumps({"id": 1, "by": secret[:2]}).encode()
        answer = await workshop.client.post(path, content=body, headers=signed(secret, body))
        assert answer.status_code == 200
    workshop.clock.advance(25 * 3600)
    assert await secret_of(workshop, connected) == new


async def test_the_form_says_what_is_wrong(workshop: Workshop, shop: ShopHere) -> None:
    whole = shop.form()
    for change, words in (
        ({"connector": "nowhere"}, "no such connector"),
        ({"connector": "webflow"}, "connected on the platform"),
        ({"credentials": {"consumer_key": "ck_1"}}, "not of the right form"),
        ({"credentials": {**whole["credentials"], "more": "x"}}, "more is not known"),
        ({"credentials": {"consumer_key": whole["credentials"]["consumer_key"]}}, "must not be empty"),
        ({"address": "ftp://shop.example"}, "address"),
        ({"address": "http://169.254.169.254"}, "cannot be called"),
        ({"options": {"text": "{{ name"}}, "options.text"),
        ({"options": {"voice": str(uuid4())}}, "a voice saved in this account"),
        ({"options": "text"}, "options: must be"),
        ({"connector": None}, "connector: must be"),
    ):
        answer = await workshop.client.post(
            "/v1/connections", json={**whole, **change}, headers=workshop.customer.headers
        )
        assert answer.status_code in (404, 422), answer.text
        assert words in answer.json()["detail"]
    wrong = {**whole, "credentials": {**whole["credentials"], "consumer_secret": "cs_" + "0" * 40}}
    refused = await workshop.call("POST", "/v1/connections", 422, json=wrong)
    assert "401" in refused["detail"]
    assert (await workshop.call("GET", "/v1/connections"))["data"] == []
    assert shop.shop.webhooks == {}


def test_no_signature_is_kept_under_any_name_it_has() -> None:
    """Shopify signs under two names; neither is written down with the event."""
    shopify = catalogue(Settings(_env_file=None))["shopify"]
    names = shopify.manifest.verification.options["signature_header"]  # type: ignore[union-attr]  # it has a hook
    headers = [*((name, "c2lnbmVk") for name in names), ("X-Shopify-Topic", "products/update")]
    assert kept_headers(shopify, headers) == {"x-shopify-topic": "products/update"}
