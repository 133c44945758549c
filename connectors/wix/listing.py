"""Posts that were published before, page by page, the newest first."""

from __future__ import annotations

from typing import Any, Final

from connectors.contract import Batch, Connection, Flow, Found, instant
from connectors.wix.api import answered, part, post
from connectors.wix.deliveries import UPDATED, announced

PAGE: Final = 50
FIELDSETS: Final = ("RICH_CONTENT", "URL")


def backfill(connection: Connection, after: str | None) -> Flow[Batch]:
    offset = int(after or 0)
    query = {
        "paging": {"limit": PAGE, "offset": offset},
        "sort": [{"fieldName": "lastPublishedDate", "order": "DESC"}],
    }
    order = {"query": query, "fieldsets": list(FIELDSETS)}
    shown = answered((yield post("blog/v3/posts/query", order)), "list the posts")
    listed = shown.get("posts")
    posts: list[Any] = [entry for entry in (listed if isinstance(listed, list) else ()) if _has_id(entry)]
    instance = str(connection.state.get("external_id", ""))
    found = tuple(_found(instance, entry) for entry in posts)
    total = part(shown, "pagingMetadata").get("total")
    known = total if isinstance(total, int) else None
    more = bool(posts) and (known is None or offset + PAGE < known)
    return Batch(found, str(offset + PAGE) if more else None, known, newest_first=True)


def _found(instance: str, entry: dict[str, Any]) -> Found:
    published = entry.get("lastPublishedDate")
    version = f"{entry['id']}:{published}"[:200]
    return Found(UPDATED, version, announced(UPDATED, instance, entry), instant(published))


def _has_id(entry: object) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("id"), str)
