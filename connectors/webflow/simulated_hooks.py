"""Webflow's webhooks: signed with the time, tried four times in all, and then switched off."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import digest
from typing import Final

from connectors.simulation import Post
from connectors.webflow.simulated_site import Refused, Saved

TRIGGERS: Final = frozenset({
    "form_submission", "site_publish", "page_created", "page_metadata_updated", "page_deleted",
    "ecomm_new_order", "ecomm_order_changed", "ecomm_inventory_changed", "collection_item_created",
    "collection_item_changed", "collection_item_deleted", "collection_item_published",
    "collection_item_unpublished", "comment_created",
})  # fmt: skip
MOST: Final = 75
"""Webhooks of one kind on one site."""

RETRIES: Final = 3
BETWEEN: Final = timedelta(minutes=10)
SHAPES: Final = ("items", "flat", "nested")


@dataclass
class Webhook:
    id: str
    site: str
    trigger: str
    url: str
    made: str
    active: bool = True
    triggered: str | None = None

    def shown(self) -> Saved:
        return {
            "id": self.id,
            "triggerType": self.trigger,
            "url": self.url,
            "workspaceId": "625860a7a6c16d624927122f",
            "siteId": self.site,
            "filter": None,
            "lastTriggered": self.triggered,
            "createdOn": self.made,
        }


@dataclass
class Delivery:
    webhook: str
    body: bytes
    due: datetime
    tries: int = 0


@dataclass
class Dispatch:
    """`shape`: how a publish is wrapped; apps see the first, Webflow's documents show the other two."""

    secret: str
    post: Post
    now: Callable[[], datetime]
    shape: str = SHAPES[0]
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    waiting: list[Delivery] = field(default_factory=list)

    def register(self, webhook_id: str, site: str, given: Mapping[str, object], stamp: str) -> Webhook:
        trigger, url = given.get("triggerType"), given.get("url")
        if trigger not in TRIGGERS:
            raise Refused(400, "unsupported_webhook_trigger_type", "Unsupported webhook trigger type")
        if not isinstance(url, str) or not url.startswith(
            ("https://", "http://127.0.0.1", "http://localhost")
        ):
            raise Refused(400, "validation_error", "Validation Error: url must be a valid https URL")
        same = [hook for hook in self.webhooks.values() if (hook.site, hook.trigger) == (site, trigger)]
        if len(same) >= MOST:
            raise Refused(400, "bad_request", "Maximum number of webhooks reached")
        made = Webhook(webhook_id, site, str(trigger), url, stamp)
        self.webhooks[made.id] = made
        return made

    def announce(self, site: str, trigger: str, payload: Saved) -> None:
        for hook in self.webhooks.values():
            if hook.active and (hook.site, hook.trigger) == (site, trigger):
                for body in self._bodies(trigger, payload):
                    self.waiting.append(Delivery(hook.id, body, self.now()))

    async def send_due(self) -> int:
        """What Webflow's own queue does; answers how many were sent."""
        due = [delivery for delivery in self.waiting if delivery.due <= self.now()]
        for delivery in due:
            self.waiting.remove(delivery)
            hook = self.webhooks.get(delivery.webhook)
            if hook is not None and hook.active:
                await self._send(hook, delivery)
        return len(due)

    async def _send(self, hook: Webhook, delivery: Delivery) -> None:
        hook.triggered = self.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
        status = await self.post(hook.url, self._headers(delivery.body), delivery.body)
        if status == 200:
            return  # nothing else counts, no other 2xx either
        if delivery.tries == RETRIES:
            hook.active = False
            return
        delivery.tries += 1
        delivery.due = self.now() + BETWEEN
        self.waiting.append(delivery)

    def _headers(self, body: bytes) -> dict[str, str]:
        stamp = str(int(self.now().timestamp() * 1000))
        signed = digest(self.secret.encode(), f"{stamp}:".encode() + body, "sha256").hex()
        return {
            "Content-Type": "application/json",
            "User-Agent": "Webflow Webhooks",
            "x-webflow-timestamp": stamp,
            "x-webflow-signature": signed,
        }

    def _bodies(self, trigger: str, payload: Saved) -> list[bytes]:
        whole = [payload]
        if "items" in payload and self.shape != "items":
            whole = payload["items"]
        told: list[Saved] = [{"triggerType": trigger, "payload": one} for one in whole]
        if self.shape == "nested":
            told = [{"triggerType": trigger, "payload": one} for one in told]
        return [json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode() for one in told]
