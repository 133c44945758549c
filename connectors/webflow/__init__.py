"""Webflow: publish events in, the audio's address into a field of the item by the Data API v2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.contract import (
    Connection,
    EventUnreadable,
    Flow,
    Ignored,
    InboundEvent,
    PushRefused,
    Request,
    SpeechOrder,
    SpeechResult,
    Target,
    TargetGone,
    compose,
    instant,
)
from connectors.webflow.api import answered, object_of, url
from connectors.webflow.items import (
    PUBLISHED,
    Item,
    announced,
    collection_of,
    item_of,
    locale_of,
    split,
    unwrapped,
)
from connectors.webflow.listing import backfill
from connectors.webflow.setting_up import choices, connect, disconnect

__all__ = ["backfill", "choices", "connect", "disconnect", "fetch", "parse", "push", "split"]


def parse(event: InboundEvent, connection: Connection) -> SpeechOrder | Ignored:
    if unwrapped(event.payload).get("items") == []:
        return Ignored("The delivery names no item.")
    item = item_of(event.payload)
    found = collection_of(item, connection)
    if found is None:
        return Ignored(
            "The item's collection is not read: it was not chosen, or had no field for the audio's address "
            "when Sayhook last looked, which it does once a day."
        )
    if item.archived:
        return Ignored("The item is archived.")
    if item.draft and item.published is None:
        return Ignored("The item is a draft.")
    name, collection = found
    locale = locale_of(item, connection, collection["site"])
    key = f"item:{item.id}:{locale}" if locale else f"item:{item.id}"
    fields = {"id": item.id, "collection": name, "locale": locale}
    target = Target(key, fields, as_of=instant(item.published))
    tag = connection.state["sites"][collection["site"]]["tags"].get(locale, "")
    return compose(connection, _fields(item, collection, tag), target)


def fetch(event: InboundEvent, connection: Connection) -> Flow[Mapping[str, Any]]:
    """The item as visitors see it: payloads lack fields, name the wrong locale, and may be old."""
    try:
        item = item_of(event.payload)
    except EventUnreadable:
        return event.payload
    found = collection_of(item, connection)
    if event.name != PUBLISHED or found is None or item.archived:
        return event.payload
    name, collection = found
    locale = locale_of(item, connection, collection["site"])
    shown = yield Request("GET", _item_url(name, item.id, live=True, locale=locale))
    if shown.status == 404:
        raise TargetGone("The item is no longer published.")
    fresh = object_of(answered(shown, "read the item"))
    known = {"siteId": collection["site"], "collectionId": name}
    if locale:
        known["cmsLocaleId"] = locale
    return announced(event.name, {**known, **fresh})


def push(connection: Connection, target: Target, result: SpeechResult) -> Flow[None]:
    """Into the staged item and then into the live one.

    Publishing would put an editor's half-done work online, and a live write alone is lost at the next
    publish. What has the address already is not written: each write comes back as an event.
    """
    field = _audio_field(connection, target)
    if not (yield from _has(field, result.output_url, target, live=False)):
        yield from _write(field, result.output_url, target, live=False)
    elif (yield from _has(field, result.output_url, target, live=True)):
        return
    yield from _write(field, result.output_url, target, live=True)


def _has(field: str, address: str, target: Target, *, live: bool) -> Flow[bool]:
    shown = yield Request("GET", _target_url(target, live=live, locale=target.fields["locale"]))
    if live and shown.status == 404:
        return True  # not published now, so there is nothing to write to; it goes live with the staged item
    fields = object_of(answered(shown, "read the item")).get("fieldData")
    return isinstance(fields, dict) and fields.get(field) == address


def _write(field: str, address: str, target: Target, *, live: bool) -> Flow[None]:
    body: dict[str, Any] = {"fieldData": {field: address}}
    if target.fields["locale"]:
        body = {"cmsLocaleId": target.fields["locale"], **body}
    written = yield Request("PATCH", _target_url(target, live=live), json=body)
    if live and written.status in (404, 409):
        return  # never published, or no longer: the staged item has it and takes it along
    if written.status == 400:
        raise PushRefused(
            f"Webflow does not take a web address in the field “{field}”. It must be a Link or plain text; "
            "if it is new, publish the site once. Then replay the event."
        )
    answered(written, "write the audio's address to the item")


def _fields(item: Item, collection: Mapping[str, Any], tag: str) -> dict[str, Any]:
    """What the template sees. `-` is minus in a template, so `post-body` is `post_body` there."""
    given = {
        slug.replace("-", "_"): value
        for slug, value in item.fields.items()
        if not slug.startswith("_") and slug != collection["audio"]
    }
    body = item.fields.get(collection["text"])
    return {**given, "name": given.get("name", ""), "body": "" if body is None else body, "locale": tag}


def _audio_field(connection: Connection, target: Target) -> str:
    """As it is now: the owner may have chosen another since the text was read."""
    collection = connection.state.get("collections", {}).get(target.fields["collection"], {})
    return str(collection.get("audio") or connection.options["audio_field"])


def _target_url(target: Target, *, live: bool, locale: str = "") -> str:
    return _item_url(target.fields["collection"], target.fields["id"], live=live, locale=locale)


def _item_url(collection: str, item: str, *, live: bool, locale: str = "") -> str:
    path = f"collections/{collection}/items/{item}" + ("/live" if live else "")
    return url(path, cmsLocaleId=locale)
