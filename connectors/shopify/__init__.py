"""Shopify: product webhooks in, the audio's address into the product's metafields by the Admin API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.contract import (
    Batch,
    Connection,
    ConnectionBroken,
    Ended,
    EventUnreadable,
    Flow,
    Hook,
    Ignored,
    InboundEvent,
    PushRefused,
    SpeechResult,
    Target,
    TargetGone,
    TryAgain,
    Verdict,
    compose,
    instant,
    read_payload,
)
from connectors.shopify import documents
from connectors.shopify.answers import ask, at, done, objects_at, user_errors
from connectors.shopify.arrival import arrive
from connectors.shopify.products import INCLUDED, Product, as_webhook, found

SCOPE = "write_products"
TOPICS: Mapping[str, tuple[str, ...]] = {
    "PRODUCTS_CREATE": INCLUDED,
    "PRODUCTS_UPDATE": INCLUDED,
    # Not the owner's name, address and mail, which come with it.
    "APP_UNINSTALLED": ("id", "myshopify_domain"),
}
_UNSPOKEN = ("draft", "archived")
_OVERTAKEN = ("STALE_OBJECT", "INVALID_COMPARE_DIGEST")
_MOST_TRIES = 3


def parse(event: InboundEvent, connection: Connection) -> Verdict:
    match event.name:
        case "app/uninstalled":
            return _ended(event, connection, "myshopify_domain")
        case "shop/redact":
            return _ended(event, connection, "shop_domain", erase=True)
        case "Product":
            if event.payload.get("action") == "delete":
                return Ignored("A product that goes away needs no voice.")
            payload = as_webhook(at(event.payload, "data", "product"))
        case _:
            payload = dict(event.payload)
    product = read_payload(Product, payload)
    if product.status in _UNSPOKEN:
        return Ignored(f"The product is not for sale; its status is {product.status}.")
    fields = {**payload, "description": product.body_html or ""}
    saved = instant(payload.get("updated_at"))
    target = Target(f"product:{product.id}", {"id": str(product.id)}, as_of=saved)
    return compose(connection, fields, target)


def push(connection: Connection, target: Target, result: SpeechResult) -> Flow[None]:
    """Reads, then writes on condition that nobody wrote in between; who was overtaken reads again."""
    product = f"gid://shopify/Product/{target.fields['id']}"
    wanted = {documents.URL_KEY: result.output_url, documents.HASH_KEY: result.spoken_hash}
    for _ in range(_MOST_TRIES):
        there = yield from _metafields(connection, product)
        if all(at(there, key, "value") == value for key, value in wanted.items()):
            return
        digests = {key: at(there, key, "compareDigest") for key in wanted}
        written = [_metafield(connection, product, key, wanted[key], digests[key]) for key in wanted]
        variables = {"metafields": written}
        answer = yield from ask(connection, documents.SET_VOICEOVER, variables, "write to the product")
        errors = user_errors(answer.get("metafieldsSet"))
        if not errors:
            return
        _explain(errors[0])
    raise TryAgain("Somebody else writes to the product at the same time.")


def connect(connection: Connection, hook: Hook) -> Flow[Mapping[str, Any]]:
    """The secret of `hook` is not used: Shopify signs with the app's own."""
    answer = yield from ask(connection, documents.SHOP, {}, "read the shop")
    domain = at(answer, "shop", "myshopifyDomain")
    if not isinstance(domain, str):
        raise TryAgain("Shopify's answer does not name the shop.")
    scopes = objects_at(answer, "currentAppInstallation", "accessScopes")
    if SCOPE not in [scope.get("handle") for scope in scopes]:
        raise ConnectionBroken("The app may not change products. Connect again and allow it.")
    yield from _subscribe(connection, hook.url)
    return {
        "external_id": domain,
        "shop": at(answer, "shop", "name"),
        "storefront": at(answer, "shop", "primaryDomain", "url"),
    }


def disconnect(connection: Connection) -> Flow[None]:
    try:
        for webhook in (yield from _webhooks(connection)):
            yield from _unsubscribe(connection, webhook)
    except ConnectionBroken:
        return  # The app is no longer installed, and its webhooks went with it.


def backfill(connection: Connection, after: str | None) -> Flow[Batch]:
    variables = {"first": documents.PAGE_SIZE, "after": after}
    answer = yield from ask(connection, documents.PRODUCTS, variables, "read its products")
    more = at(answer, "products", "pageInfo", "hasNextPage")
    return Batch(
        found=tuple(found(node) for node in objects_at(answer, "products", "nodes")),
        after=at(answer, "products", "pageInfo", "endCursor") if more else None,
        total=at(answer, "productsCount", "count"),
    )


def _ended(event: InboundEvent, connection: Connection, field: str, *, erase: bool = False) -> Ended:
    # The signature covers the body, not the header that chose the connection.
    if event.payload.get(field) != connection.state.get("external_id"):
        raise EventUnreadable(f"The field “{field}” names another shop than the delivery's header.")
    reason = (
        "The shop took the app off, and what was kept of it is deleted."
        if erase
        else "The shop took the app off. Install it again to go on."
    )
    headers = event.headers
    written = headers.get("x-shopify-triggered-at") or headers.get("shopify-triggered-at")
    return Ended(reason, erase, instant(written))


def _metafields(connection: Connection, product: str) -> Flow[Mapping[str, Any]]:
    variables = {"id": product, "namespace": connection.options["namespace"]}
    answer = yield from ask(connection, documents.VOICEOVER, variables, "read the product")
    there = answer.get("product")
    if not isinstance(there, dict):
        raise TargetGone("The product is no longer in the shop.")
    return {documents.URL_KEY: there.get("url"), documents.HASH_KEY: there.get("hash")}


def _metafield(connection: Connection, product: str, key: str, value: str, digest: Any) -> Mapping[str, Any]:
    """`compareDigest` null means: only where there is none yet."""
    return {
        "ownerId": product,
        "namespace": connection.options["namespace"],
        "key": key,
        "type": "url" if key == documents.URL_KEY else "single_line_text_field",
        "value": value,
        "compareDigest": digest,
    }


def _explain(error: Mapping[str, Any]) -> None:
    """Returns when somebody was faster; otherwise raises what the error stands for."""
    code, field = error.get("code"), error.get("field")
    if code in _OVERTAKEN:
        return
    if code == "APP_NOT_AUTHORIZED":
        raise ConnectionBroken("The app may not write this metafield. Connect again and allow it.")
    if isinstance(field, list) and field[-1:] == ["ownerId"]:
        raise TargetGone("The product is no longer in the shop.")
    raise PushRefused(f"Shopify does not take the metafield: {str(error.get('message'))[:200]}")


def _subscribe(connection: Connection, url: str) -> Flow[None]:
    """One webhook for each topic, ours as we want it; what an older hub or version left is taken away.

    Afterwards, so that no event falls between; Shopify takes no second one with the same topic and address.
    """
    missing, old = dict(TOPICS), []
    for webhook in (yield from _webhooks(connection)):
        topic = str(webhook.get("topic"))
        fields = webhook.get("includeFields")
        if webhook.get("uri") == url and list(missing.get(topic, ())) == fields:
            del missing[topic]
        elif topic in TOPICS and webhook.get("uri") == url:
            yield from _unsubscribe(connection, webhook)
        elif topic in TOPICS:
            old.append(webhook)
    for topic, included in missing.items():
        webhook = {"uri": url, "format": "JSON", "includeFields": list(included)}
        variables = {"topic": topic, "webhook": webhook}
        answer = yield from ask(connection, documents.ADD_WEBHOOK, variables, "register a webhook")
        done(answer.get("webhookSubscriptionCreate"), "register a webhook")
    for webhook in old:
        yield from _unsubscribe(connection, webhook)


def _webhooks(connection: Connection) -> Flow[list[Mapping[str, Any]]]:
    answer = yield from ask(connection, documents.WEBHOOKS, {}, "list its webhooks")
    return objects_at(answer, "webhookSubscriptions", "nodes")


def _unsubscribe(connection: Connection, webhook: Mapping[str, Any]) -> Flow[None]:
    """One that is gone already is as good."""
    yield from ask(connection, documents.REMOVE_WEBHOOK, {"id": webhook.get("id")}, "remove a webhook")


__all__ = ["arrive", "backfill", "connect", "disconnect", "parse", "push"]
