"""A shop at Shopify in memory, as far as the Admin API and the webhooks show it.

Behaves as shopify.dev says: every save of a product announces `products/update`, and so does a metafield
whose value changes; a delivery that is not answered with 2xx is tried again eight times over four hours with
the same body, and then the subscription that it came of is deleted.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import digest
from itertools import count
from typing import Any, Final

from connectors.simulation import Post

RETRY_SECONDS: Final = (10, 60, 300, 900, 1800, 3600, 3600, 4100)
API_VERSION: Final = "2026-10"

Saved = dict[str, Any]


@dataclass
class Product:
    """Its texts under their names in a webhook; `metafields` by namespace and key."""

    id: int
    fields: Saved
    metafields: dict[tuple[str, str], Saved] = field(default_factory=dict)

    @property
    def gid(self) -> str:
        return f"gid://shopify/Product/{self.id}"


@dataclass
class Subscription:
    id: str
    topic: str
    uri: str
    include: tuple[str, ...] = ()
    failures: int = 0

    @property
    def event(self) -> str:
        """`PRODUCTS_UPDATE` is `products/update` in a delivery."""
        return self.topic.lower().replace("_", "/", 1)


@dataclass
class Delivery:
    subscription: Subscription
    headers: dict[str, str]
    body: bytes
    due: datetime
    attempts: int = 0


@dataclass
class Shop:
    """`newer_headers`: whether deliveries carry the header names without `X-`. `repeat`: how often each
    announcement is made, as happens when a product is saved by several programs at once.
    """

    domain: str
    secret: str
    post: Post
    now: Callable[[], datetime]
    name: str = "Enamel & Co"
    storefront: str = ""
    newer_headers: bool = False
    repeat: int = 1
    products: dict[int, Product] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    waiting: list[Delivery] = field(default_factory=list)
    ids: Iterator[int] = field(default_factory=lambda: count(788032119674292922))
    app_uri: str = ""

    def create(self, given: Mapping[str, Any]) -> Product:
        number = next(self.ids)
        stamp = self.now().isoformat()
        fields = {
            "title": "", "body_html": None, "vendor": self.name, "product_type": "", "tags": "",
            "handle": f"product-{number}", "status": "active", "published_at": stamp, "created_at": stamp,
            "variants": [], "updated_at": stamp, **given,
        }  # fmt: skip
        product = Product(number, fields)
        self.products[number] = product
        self._announce_product("PRODUCTS_CREATE", product)
        return product

    def save(self, number: int, given: Mapping[str, Any]) -> None:
        product = self.products[number]
        product.fields |= {**given, "updated_at": self.now().isoformat()}
        self._announce_product("PRODUCTS_UPDATE", product)

    def write_metafields(self, product: Product, entries: list[Saved]) -> None:
        """A write that changes nothing announces nothing (changelog of February 2025)."""
        changed = False
        for entry in entries:
            place = (entry["namespace"], entry["key"])
            before = product.metafields.get(place)
            if before is None or before["value"] != entry["value"]:
                product.metafields[place] = {**entry, "compareDigest": _fingerprint(entry["value"])}
                changed = True
        if changed:
            self.save(product.id, {})

    def subscribe(self, topic: str, uri: str, include: tuple[str, ...]) -> Subscription:
        made = Subscription(f"gid://shopify/WebhookSubscription/{next(self.ids)}", topic, uri, include)
        self.subscriptions[made.id] = made
        self.app_uri = uri
        return made

    def uninstall(self) -> None:
        """The app goes, its webhooks too, and the last thing they say is that it went."""
        self.announce("APP_UNINSTALLED", self.resource)
        self.subscriptions.clear()

    @property
    def resource(self) -> Saved:
        owner = {"email": "owner@example.com", "shop_owner": "John Smith", "plan_name": "basic"}
        return {"id": 548380009, "name": self.name, "myshopify_domain": self.domain, **owner}

    def comply(self, event: str, **more: Any) -> None:
        """One of the three compliance topics, which go where the app's configuration says."""
        subscription = Subscription("", event.upper().replace("/", "_", 1), self.app_uri)
        self._enqueue(subscription, {"shop_id": 548380009, "shop_domain": self.domain, **more})

    def announce(self, topic: str, payload: Mapping[str, Any]) -> None:
        for subscription in self.subscriptions.values():
            if subscription.topic == topic:
                shown = subscription.include or tuple(payload)
                for _ in range(self.repeat):
                    self._enqueue(subscription, {name: payload[name] for name in shown if name in payload})

    async def send_waiting(self) -> int:
        """Every delivery that is due; answers how many were sent."""
        due = [delivery for delivery in self.waiting if delivery.due <= self.now()]
        self.waiting = [delivery for delivery in self.waiting if delivery not in due]
        for delivery in due:
            uri = delivery.subscription.uri
            status = await self.post(uri, delivery.headers, delivery.body)
            self._settle(delivery, 200 <= status < 300)
        return len(due)

    def _settle(self, delivery: Delivery, accepted: bool) -> None:
        subscription = delivery.subscription
        subscription.failures = 0 if accepted else subscription.failures + 1
        if accepted:
            return
        if delivery.attempts < len(RETRY_SECONDS):
            delivery.due = self.now() + timedelta(seconds=RETRY_SECONDS[delivery.attempts])
            delivery.attempts += 1
            self.waiting.append(delivery)
        else:
            self.subscriptions.pop(subscription.id, None)

    def _announce_product(self, topic: str, product: Product) -> None:
        named = {"id": product.id, "admin_graphql_api_id": product.gid}
        self.announce(topic, {**named, **product.fields})

    def _enqueue(self, subscription: Subscription, payload: Mapping[str, Any]) -> None:
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        headers = self._headers(subscription, body)
        self.waiting.append(Delivery(subscription, headers, body, self.now()))

    def _headers(self, subscription: Subscription, body: bytes) -> dict[str, str]:
        signature = b64encode(digest(self.secret.encode(), body, hashlib.sha256)).decode()
        named = {
            "Topic": subscription.event,
            "Hmac-Sha256": signature,
            "Shop-Domain": self.domain,
            "API-Version": API_VERSION,
            "Webhook-Id": str(uuid.uuid4()),
            "Event-Id": str(uuid.uuid4()),
            # Nanoseconds, as Shopify has them.
            "Triggered-At": self.now().strftime("%Y-%m-%dT%H:%M:%S.%f000Z"),
        }
        prefix = "Shopify-" if self.newer_headers else "X-Shopify-"
        return {"Content-Type": "application/json"} | {prefix + name: named[name] for name in named}


def _fingerprint(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
