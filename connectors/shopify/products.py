"""A product as Shopify tells of it: by webhook, by its newer events, and when asked."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import Field

from connectors.contract import EventUnreadable, Found, Payload, instant, read_payload

INCLUDED = (
    "id", "title", "body_html", "vendor", "product_type", "tags", "handle", "status", "published_at",
    "updated_at",
)  # fmt: skip
"""The fields a webhook brings: those one may want to hear, so that stock and prices make no noise."""

_GID = re.compile(r"gid://shopify/Product/([0-9]{1,30})")


class Product(Payload):
    """The part of a webhook's product that decides whether and how it is read."""

    id: int
    title: str
    body_html: str | None = None
    status: str = "active"


class Node(Payload):
    """A product as the Admin API and the newer events have it."""

    id: str
    title: str
    descriptionHtml: str = ""  # noqa: N815 - Shopify's names
    vendor: str = ""
    productType: str = ""  # noqa: N815
    tags: list[str] = Field(default_factory=list)
    handle: str = ""
    status: str = "ACTIVE"
    publishedAt: str | None = None  # noqa: N815
    updatedAt: str | None = None  # noqa: N815


def as_webhook(node: Any) -> dict[str, Any]:
    """`node` with the names and values of a webhook, so that one template fits both.

    Raises EventUnreadable.
    """
    if not isinstance(node, Mapping):
        raise EventUnreadable("The field “product” is not what the platform documents.")
    product = read_payload(Node, node)
    named = _GID.fullmatch(product.id)
    if named is None:
        raise EventUnreadable("The field “id” is not what the platform documents.")
    return {
        "id": int(named[1]),
        "title": product.title,
        "body_html": product.descriptionHtml,
        "vendor": product.vendor,
        "product_type": product.productType,
        "tags": ", ".join(product.tags),
        "handle": product.handle,
        "status": product.status.lower(),
        "published_at": product.publishedAt,
        "updated_at": product.updatedAt,
    }


def found(node: Any) -> Found:
    """The event that would have told of `node`, with an id that a change of its fields changes.

    An order changes the time of the last change too, but not the id.
    """
    payload = as_webhook(node)
    lasting = {name: value for name, value in payload.items() if name != "updated_at"}
    written = json.dumps(lasting, sort_keys=True).encode()
    digest = hashlib.sha256(written).hexdigest()[:24]
    return Found("products/update", f"{payload['id']}:{digest}", payload, instant(payload["updated_at"]))
