"""A WooCommerce shop in memory, as far as its API and its webhooks show it.

Behaves as WooCommerce's own sources do: webhooks wait in a queue and are built when they are sent, a waiting
one is not queued twice, nothing is tried again, the seventh failure in a row disables a webhook, and every
save of a product, a REST write of its meta too, announces `product.updated`.
"""

from __future__ import annotations

import hashlib
import html
import json
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hmac import digest
from itertools import count
from typing import Any, Final

from connectors.simulation import Post

MOST_FAILURES: Final = 5
PRODUCT_EVENTS: Final = ("created", "updated", "deleted", "restored")
AGENT: Final = "WooCommerce/10.9.0 Hookshot (WordPress/6.9)"
NO_RIGHTS: Final = {
    "code": "woocommerce_rest_cannot_view",
    "message": "Sorry, you cannot view this resource.",
    "data": {"status": 401},
}
_EMPTY: Final[Mapping[str, Any]] = {
    "name": "",
    "type": "simple",
    "status": "publish",
    "catalog_visibility": "visible",
    "description": "",
    "short_description": "",
    "sku": "",
    "price": "",
    "parent_id": 0,
    "categories": [],
    "images": [],
    "attributes": [],
    "variations": [],
}

Saved = dict[str, Any]


@dataclass
class Webhook:
    id: int
    topic: str
    delivery_url: str
    secret: str
    name: str = ""
    status: str = "active"
    failures: int = 0
    ping_answered: bool = False

    def shown(self) -> Saved:
        """The secret is taken and never shown."""
        resource, _, event = self.topic.partition(".")
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "topic": self.topic,
            "resource": resource,
            "event": event,
            "delivery_url": self.delivery_url,
        }


@dataclass
class Shop:
    """`plugin`: whether our companion plugin is installed. `may_view`: whether the key's user still sees
    products. `repeat`: how often each announcement is sent, as shops do that save a product several times.
    """

    home: str
    post: Post
    now: Callable[[], datetime]
    plugin: bool = False
    may_view: bool = True
    repeat: int = 1
    products: dict[int, Saved] = field(default_factory=dict)
    webhooks: dict[int, Webhook] = field(default_factory=dict)
    waiting: list[tuple[int, int]] = field(default_factory=list)
    ids: Iterator[int] = field(default_factory=lambda: count(794))

    def create(self, given: Mapping[str, Any]) -> Saved:
        number = next(self.ids)
        written = self._dates("created")
        product = {"id": number, "slug": f"product-{number}", **_EMPTY, **written, "meta_data": []}
        self.products[number] = product
        self._change(product, given)
        self._announce("created", number)
        return product

    def save(self, number: int, given: Mapping[str, Any]) -> Saved:
        """Only what is given changes; the save itself is announced, whatever changed."""
        product = self.products[number]
        self._change(product, given)
        self._announce("updated", number)
        return product

    def bin(self, number: int) -> Saved:
        self.products[number]["status"] = "trash"
        self._announce("deleted", number)
        return self.products[number]

    def write_quietly(self, number: int, key: str, value: str | None) -> None:
        """As the companion plugin does: no save of the product, so nothing is announced."""
        self._merge(self.products[number], [{"key": key, "value": value}])

    async def register(self, given: Mapping[str, Any]) -> Webhook:
        number = next(self.ids)
        hook = Webhook(
            number,
            given["topic"],
            given["delivery_url"],
            given.get("secret") or secrets.token_urlsafe(37),
            given.get("name", ""),
            given.get("status", "active"),
        )
        self.webhooks[number] = hook
        await self.ping(hook)
        return hook

    async def ping(self, hook: Webhook) -> None:
        """Unsigned, at each save of an active webhook until one was answered with exactly 200."""
        if hook.status != "active" or hook.ping_answered:
            return
        headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": AGENT}
        status = await self.post(hook.delivery_url, headers, f"webhook_id={hook.id}".encode())
        hook.ping_answered = status == 200

    async def send_waiting(self) -> int:
        """What WordPress's cron does now and then; answers how many were sent."""
        batch, self.waiting = self.waiting, []
        sent = 0
        for webhook_id, product_id in batch:
            hook = self.webhooks.get(webhook_id)
            for _ in range(self.repeat):
                if hook is not None and hook.status == "active":
                    await self._deliver(hook, product_id)
                    sent += 1
        return sent

    async def _deliver(self, hook: Webhook, product_id: int) -> None:
        body = json.dumps(self._payload(hook, product_id), separators=(",", ":")).encode()
        status = await self.post(hook.delivery_url, self.headers(hook, body), body)
        if 200 <= status <= 302:
            hook.failures = 0
        elif hook.failures > MOST_FAILURES:
            hook.status = "disabled"
        else:
            hook.failures += 1
        await self.ping(hook)

    def _payload(self, hook: Webhook, product_id: int) -> Mapping[str, Any]:
        product = self.products.get(product_id)
        if hook.topic == "product.deleted":
            return {"id": product_id}
        return product if product is not None and self.may_view else NO_RIGHTS

    def headers(self, hook: Webhook, body: bytes) -> dict[str, str]:
        # The shop decodes HTML in the stored secret before it signs.
        key = html.unescape(hook.secret).encode()
        resource, _, event = hook.topic.partition(".")
        second = int(self.now().timestamp())
        return {
            "Content-Type": "application/json",
            "User-Agent": AGENT,
            "X-WC-Webhook-Source": f"{self.home}/",
            "X-WC-Webhook-Topic": hook.topic,
            "X-WC-Webhook-Resource": resource,
            "X-WC-Webhook-Event": event,
            "X-WC-Webhook-Signature": b64encode(digest(key, body, hashlib.sha256)).decode(),
            "X-WC-Webhook-ID": str(hook.id),
            "X-WC-Webhook-Delivery-ID": hashlib.sha256(f"{hook.id}{second}".encode()).hexdigest()[:32],
        }

    def _announce(self, event: str, product_id: int) -> None:
        for hook in self.webhooks.values():
            entry = (hook.id, product_id)
            if hook.status == "active" and hook.topic == f"product.{event}" and entry not in self.waiting:
                self.waiting.append(entry)

    def _change(self, product: Saved, given: Mapping[str, Any]) -> None:
        self._merge(product, given.get("meta_data", []))
        product |= {name: given[name] for name in given if name not in ("id", "meta_data")}
        product |= self._dates("modified")

    def _merge(self, product: Saved, entries: list[Saved]) -> None:
        """An entry with an id changes that row, one without the row of its key; null takes it away."""
        rows: list[Saved] = product["meta_data"]
        for entry in entries:
            name = "id" if "id" in entry else "key"
            row = next((row for row in rows if row[name] == entry[name]), None)
            if row is None:
                row = {"id": next(self.ids), "key": entry["key"]}
                rows.append(row)
            row["value"] = entry.get("value")
        product["meta_data"] = [row for row in rows if row["value"] is not None]

    def _dates(self, what: str) -> Saved:
        stamp = self.now().strftime("%Y-%m-%dT%H:%M:%S")
        return {f"date_{what}": stamp, f"date_{what}_gmt": stamp}
