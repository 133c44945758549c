"""Wix with the owner's own key: posts found every hour, or named at once; the rest as with the app."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from connectors.contract import (
    Batch,
    Connection,
    EventUnreadable,
    Flow,
    Hook,
    InboundEvent,
    SpeechResult,
    Target,
    TargetGone,
    Verdict,
)
from connectors.payload import read_payload
from connectors.wix import parse as parse_post
from connectors.wix import push as push_audio
from connectors.wix.api import answered, get, part, post
from connectors.wix.deliveries import CREATED, Named, announced, opened
from connectors.wix.listing import backfill as list_posts

NAMED: Final = "post.named"
_NAMES: Final = ("post_id", "postId", "entityId", "id")


def parse(event: InboundEvent, connection: Connection) -> Verdict:
    return parse_post(replace(event, name=CREATED), connection)


def fetch(event: InboundEvent, connection: Connection) -> Flow[Mapping[str, Any]]:
    try:
        wanted = _named(event.payload)
    except EventUnreadable:
        return event.payload
    shown = yield get(f"blog/v3/posts/{wanted}?fieldsets=RICH_CONTENT&fieldsets=URL")
    if shown.status == 404:
        raise TargetGone("The post is no longer published.")
    return announced(CREATED, "", part(answered(shown, "read the post"), "post"))


def push(connection: Connection, target: Target, result: SpeechResult) -> Flow[None]:
    yield from push_audio(connection, target, result)


def backfill(connection: Connection, after: str | None) -> Flow[Batch]:
    batch = yield from list_posts(connection, after)
    return replace(batch, found=tuple(replace(found, name=NAMED) for found in batch.found))


def connect(connection: Connection, hook: Hook) -> Flow[Mapping[str, Any]]:
    """A look at one post shows whether the key is for this site and may read its blog."""
    answered((yield post("blog/v3/posts/query", {"query": {"paging": {"limit": 1}}})), "read the blog")
    return connection.state


def disconnect(connection: Connection) -> Flow[None]:
    """Nothing was made on the site."""
    yield from ()


def _named(payload: Mapping[str, Any]) -> str:
    """Wix wraps what an automation sends in `data`; a structure of the owner's own may stand alone."""
    inner = opened(payload, "data") if "data" in payload else payload
    wanted = next((inner[name] for name in _NAMES if inner.get(name)), None)
    return read_payload(Named, {"entityId": wanted}).id
