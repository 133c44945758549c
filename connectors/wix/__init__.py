"""Wix: posts and automations in, the audio into the post, a CMS field or the automation's next step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.contract import (
    Connection,
    Ended,
    EventUnreadable,
    Flow,
    Ignored,
    InboundEvent,
    SpeechResult,
    Target,
    TargetGone,
    Verdict,
    compose,
    instant,
)
from connectors.wix.actions import order_of, reply, report, report_failure, run_of
from connectors.wix.api import answered, get, part
from connectors.wix.blog import push_into_post
from connectors.wix.cms import push_into_collection
from connectors.wix.deliveries import INVOKED, POSTS, REMOVED, announced, post_id, post_of, signed_at
from connectors.wix.installing import connect, disconnect, installed
from connectors.wix.listing import backfill
from connectors.wix.rich_content import text_of

__all__ = [
    "awaited",
    "backfill",
    "connect",
    "disconnect",
    "fail",
    "fetch",
    "installed",
    "parse",
    "push",
    "reply",
]


def parse(event: InboundEvent, connection: Connection) -> Verdict:
    if event.name == REMOVED:
        return _removed(event, connection)
    if event.name == INVOKED:
        return order_of(event.payload, connection)
    post, given = post_of(event.payload)
    fields = {name: value for name, value in given.items() if name not in ("richContent", "contentText")}
    said = {
        "title": post.title or "",
        "excerpt": post.excerpt or "",
        "body": text_of(post.content) if post.content is not None else post.text or "",
        "url": f"{post.url.base}{post.url.path}" if post.url else "",
        "language": post.language or "",
    }
    known = {"post": post.id, "slug": (post.slug or "")[:100]}
    target = Target(f"post:{post.id}", known, as_of=instant(post.published))
    return compose(connection, {**fields, **said}, target)


def fetch(event: InboundEvent, connection: Connection) -> Flow[Mapping[str, Any]]:
    """The post as visitors read it: deliveries lack its text, and may be old."""
    if event.name not in POSTS:
        return event.payload
    try:
        wanted = post_id(event.payload)
    except EventUnreadable:
        return event.payload
    shown = yield get(f"blog/v3/posts/{wanted}?fieldsets=RICH_CONTENT&fieldsets=URL")
    if shown.status == 404:
        raise TargetGone("The post is no longer published.")
    post = part(answered(shown, "read the post"), "post")
    return announced(event.name, str(connection.state.get("external_id", "")), post)


def push(connection: Connection, target: Target, result: SpeechResult) -> Flow[None]:
    if "token" in target.fields:
        yield from report(target, result)
    elif connection.options["put_into"] == "collection":
        yield from push_into_collection(connection, target, result)
    else:
        yield from push_into_post(connection, target, result)


def awaited(event: InboundEvent) -> Target | None:
    return run_of(event) if event.name == INVOKED else None


def fail(connection: Connection, target: Target, reason: str) -> Flow[None]:
    yield from report_failure(target, reason)


def _removed(event: InboundEvent, connection: Connection) -> Ended | Ignored:
    """Wix tries for two days: by then the owner may have installed the app again."""
    at, since = signed_at(event.payload), instant(connection.state.get("installed_at"))
    if at is not None and since is not None and at < since:
        return Ignored("The app was taken off before it was installed again.")
    return Ended("The owner took the app off the site. Install it again to go on.", at=at)
