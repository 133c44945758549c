"""WooCommerce: product webhooks in, the audio's address into the product's meta by the REST API (wc/v3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.contract import (
    Batch,
    Connection,
    ConnectionBroken,
    EventUnreadable,
    Flow,
    Found,
    Hook,
    Ignored,
    InboundEvent,
    Payload,
    PushFailed,
    Request,
    Response,
    SpeechOrder,
    SpeechResult,
    Target,
    TargetGone,
    TryAgain,
    accepted,
    compose,
    instant,
    read_payload,
)

UPDATED = "product.updated"
TOPICS = ("product.created", UPDATED, "product.restored")
PAGE = 50
QUIET_KEY = "_sayhook_audio_url"
"""The meta key of our companion plugin, whose own route writes it without announcing an edit."""

_PING = re.compile(rb"webhook_id=[0-9]{1,20}")
_SHORTCODE = re.compile(r"\[/?[a-z][a-z0-9_-]*(?:\s[^\[\]]*)?/?\]")
_HTML_FIELDS = ("description", "short_description")


class Product(Payload):
    """The part of a `wc/v3` product that decides whether and how it is read."""

    id: int
    type: str
    status: str
    name: str
    description: str = ""
    short_description: str = ""
    post_password: str = ""


def parse(event: InboundEvent, connection: Connection) -> SpeechOrder | Ignored:
    payload = event.payload
    if "id" not in payload and isinstance(code := payload.get("code"), str):
        raise EventUnreadable(
            f"The shop sent an error in place of the product ({code[:60]}): the user who owns the key may "
            "no longer see products."
        )
    product = read_payload(Product, payload)
    if product.type == "variation":
        return Ignored("A variation is read with its product, which has its own event.")
    if product.status != "publish":
        return Ignored(f"The product is not published; its status is {product.status[:20]}.")
    if product.post_password:
        return Ignored("The product is protected by a password.")
    texts = {name: _SHORTCODE.sub(" ", getattr(product, name)) for name in _HTML_FIELDS}
    saved = instant(f"{payload.get('date_modified_gmt')}+00:00")
    target = Target(f"product:{product.id}", {"id": str(product.id)}, as_of=saved)
    return compose(connection, {**payload, **texts}, target)


def push(connection: Connection, target: Target, result: SpeechResult) -> Flow[None]:
    """Writes the address once: it stays the same for a product, so there is one echo in its lifetime."""
    key, product = connection.options["meta_key"], target.fields["id"]
    shown = yield Request("GET", _api(connection, f"products/{product}?_fields=id,meta_data"))
    if _meta(_answered(shown, "read the product"), key) == result.output_url:
        return
    if key == QUIET_KEY:
        body = {"url": result.output_url, "source_hash": result.spoken_hash}
        quiet = yield Request("PUT", _quiet(connection, product), json=body)
        if 200 <= quiet.status < 300:
            return
    meta = {"meta_data": [{"key": key, "value": result.output_url}]}
    written = yield Request("PUT", _api(connection, f"products/{product}"), json=meta)
    _answered(written, "write the audio's address to the product")


def withdraw(connection: Connection, target: Target, output_url: str) -> Flow[None]:
    """An address of somebody else's stays."""
    key, product = connection.options["meta_key"], target.fields["id"]
    shown = yield Request("GET", _api(connection, f"products/{product}?_fields=id,meta_data"))
    if _meta(_answered(shown, "read the product"), key) != output_url:
        return
    if key == QUIET_KEY:
        quiet = yield Request("DELETE", _quiet(connection, product))
        if 200 <= quiet.status < 300:
            return
    none = {"meta_data": [{"key": key, "value": None}]}
    written = yield Request("PUT", _api(connection, f"products/{product}"), json=none)
    _answered(written, "take the audio's address off the product")


def connect(connection: Connection, hook: Hook) -> Flow[Mapping[str, Any]]:
    """What the shop disabled is made anew: set to active it would keep its failures, and stop at the next."""
    shown = yield Request("GET", _api(connection, "products?per_page=1&_fields=id"))
    _answered(shown, "read its products")
    listed = yield Request(
        "GET", _api(connection, "webhooks?per_page=100&_fields=id,delivery_url,topic,status")
    )
    kept: dict[str, int] = {}
    for webhook in _webhooks_at(hook.url, _answered(listed, "list its webhooks")):
        number, topic = webhook["id"], webhook.get("topic")
        if topic in TOPICS and topic not in kept and webhook.get("status") == "active":
            # The secret may be a new one; and each save pings a hub that has not answered yet.
            saved = yield Request("PUT", _api(connection, f"webhooks/{number}"), json={"secret": hook.secret})
            _answered(saved, "change its webhooks")
            kept[topic] = number
        else:
            yield from _remove(connection, number)
    for topic in TOPICS:
        if topic in kept:
            continue
        body = {
            "name": f"Sayhook: {topic}",
            "topic": topic,
            "delivery_url": hook.url,
            "secret": hook.secret,
            "status": "active",
        }
        created = yield Request("POST", _api(connection, "webhooks"), json=body)
        kept[topic] = _id_of(_answered(created, "register a webhook"))
    return {"webhooks": list(kept.values())}


def disconnect(connection: Connection) -> Flow[None]:
    """Every webhook is tried, whatever became of those before it; the last failure is told."""
    failed: PushFailed | None = None
    for number in connection.state.get("webhooks", ()):
        try:
            yield from _remove(connection, number)
        except PushFailed as error:
            failed = error
    if failed is not None:
        raise failed


def backfill(connection: Connection, after: str | None) -> Flow[Batch]:
    """Published products, last saved first: what is saved meanwhile moves the rest towards the end."""
    page = int(after or 1)
    query = f"status=publish&orderby=modified&order=desc&per_page={PAGE}&page={page}"
    shown = yield Request("GET", _api(connection, f"products?{query}"))
    listed = _answered(shown, "list its products").json
    products = (
        [product for product in listed if isinstance(product, dict)] if isinstance(listed, list) else []
    )
    pages = shown.headers.get("x-wp-totalpages", "")
    total = shown.headers.get("x-wp-total", "")
    return Batch(
        tuple(_found(product) for product in products if "id" in product),
        str(page + 1) if products and pages.isdecimal() and page < int(pages) else None,
        int(total) if total.isdecimal() else None,
        newest_first=True,
    )


def greet(headers: Mapping[str, str], body: bytes) -> Response | None:
    """The shop pings a new webhook unsigned, and again at each save until it is answered with 200."""
    signed = any(name.lower() == "x-wc-webhook-signature" for name in headers)
    return Response(200) if not signed and _PING.fullmatch(body) else None


def _remove(connection: Connection, webhook: int) -> Flow[None]:
    """What is gone already is well."""
    removed = yield Request("DELETE", _api(connection, f"webhooks/{webhook}?force=true"))
    if removed.status not in (404, 410):
        _answered(removed, "remove its webhooks")


def _api(connection: Connection, path: str) -> str:
    return f"{connection.address}/wp-json/wc/v3/{path}"


def _quiet(connection: Connection, product: str) -> str:
    return f"{connection.address}/wp-json/wc-sayhook/v1/products/{product}/audio"


def _answered(response: Response, doing: str) -> Response:
    """Like `accepted`, with what WooCommerce means by its codes."""
    found = response.json
    code = str(found.get("code", "")) if isinstance(found, dict) else ""
    if code == "woocommerce_rest_product_invalid_id":
        raise TargetGone("The product is no longer in the shop.")
    if code == "rest_no_route":
        raise ConnectionBroken(
            "The shop has no WooCommerce API at this address: see that WooCommerce is active and that the "
            "permalinks are not plain."
        )
    if response.status == 403 and code:
        raise ConnectionBroken(
            f"The key may not {doing}: give it Read/Write, and its user shop-manager rights."
        )
    if response.status == 403:
        raise TryAgain("The shop's firewall or a security plugin refused the request.")
    return accepted(response, doing)


def _meta(response: Response, key: str) -> object:
    product = response.json
    entries = product.get("meta_data") if isinstance(product, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("key") == key:
            return entry.get("value")
    return None


def _found(product: Mapping[str, Any]) -> Found:
    saved = instant(f"{product.get('date_modified_gmt')}+00:00")
    return Found(UPDATED, f"{product['id']}:{product.get('date_modified_gmt')}"[:200], product, saved)


def _webhooks_at(url: str, response: Response) -> list[Mapping[str, Any]]:
    hooks = response.json
    return [
        hook
        for hook in (hooks if isinstance(hooks, list) else ())
        if isinstance(hook, dict) and hook.get("delivery_url") == url and isinstance(hook.get("id"), int)
    ]


def _id_of(response: Response) -> int:
    hook = response.json
    number = hook.get("id") if isinstance(hook, dict) else None
    if not isinstance(number, int):
        raise TryAgain("The shop's answer could not be read; something else prints into it.")
    return number
