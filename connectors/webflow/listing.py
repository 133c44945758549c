"""What is published already, page by page: for what was there before us, and for what did not reach us."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from connectors.errors import TargetGone
from connectors.flow import Flow
from connectors.payload import instant
from connectors.values import Batch, Connection, Found
from connectors.webflow.api import entries, read
from connectors.webflow.items import PUBLISHED, announced

PAGE: Final = 100
"""Webflow's own limit."""


def backfill(connection: Connection, after: str | None) -> Flow[Batch]:
    """Live items of each collection in turn; `after` is `{collection}:{offset}`.

    Newest first: what is published meanwhile moves the rest towards the end, so nothing is passed over.
    """
    collections: Mapping[str, Mapping[str, Any]] = connection.state.get("collections", {})
    names = list(collections)
    name, _, start = (after or (f"{names[0]}:0" if names else "")).partition(":")
    if name not in collections:
        return Batch(())
    offset, site = int(start), collections[name]["site"]
    locales = ",".join(connection.state["sites"][site]["tags"])
    try:
        shown = yield from read(
            f"collections/{name}/items/live",
            "list the published items",
            cmsLocaleId=locales,
            limit=PAGE,
            offset=offset,
            sortBy="lastPublished",
            sortOrder="desc",
        )
    except TargetGone:
        shown = {}  # the collection was deleted; the others are still there
    items = entries(shown, "items")
    total = _total(shown)
    found = tuple(_found({"siteId": site, "collectionId": name, **item}) for item in items)
    if items and offset + PAGE < total:
        return Batch(found, f"{name}:{offset + PAGE}", total if len(names) == 1 else None)
    further = names[names.index(name) + 1 :]
    return Batch(found, f"{further[0]}:0" if further else None, total if len(names) == 1 else None)


def _found(item: Mapping[str, Any]) -> Found:
    version = f"{item['id']}:{item.get('cmsLocaleId', '')}:{item.get('lastPublished', '')}"
    return Found(PUBLISHED, version[:200], announced(PUBLISHED, item), instant(item.get("lastPublished")))


def _total(shown: Mapping[str, Any]) -> int:
    pagination = shown.get("pagination")
    total = pagination.get("total") if isinstance(pagination, dict) else None
    return total if isinstance(total, int) else 0
