"""CMS items as Webflow's webhooks and its API show them, whatever the wrapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from connectors.errors import EventUnreadable
from connectors.payload import Payload, read_payload
from connectors.values import Connection, Found, InboundEvent

PUBLISHED: Final = "collection_item_published"
_SHARED: Final = ("siteId", "workspaceId", "collectionId")

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class Item(Payload):
    """The part of an item that decides whether and how it is read."""

    id: Id
    collection: Annotated[Id | None, Field(alias="collectionId")] = None
    site: Annotated[Id | None, Field(alias="siteId")] = None
    locale: Annotated[Id | None, Field(alias="cmsLocaleId")] = None
    published: Annotated[str | None, Field(alias="lastPublished")] = None
    archived: Annotated[bool, Field(alias="isArchived")] = False
    draft: Annotated[bool, Field(alias="isDraft")] = False
    fields: Annotated[dict[str, Any], Field(alias="fieldData")]


def split(event: InboundEvent) -> Sequence[Found]:
    """One event for each item; a publish of many comes as one delivery."""
    payload = unwrapped(event.payload)
    listed = payload.get("items")
    if listed is None:
        listed = [payload]
    if not isinstance(listed, list) or not all(isinstance(item, Mapping) for item in listed):
        raise EventUnreadable("The field “items” is not what the platform documents.")
    if not listed:
        return [Found(event.name, "none", event.payload)]
    shared = {name: payload[name] for name in _SHARED if name in payload}
    return [_alone(event.name, number, {**shared, **item}) for number, item in enumerate(listed)]


def _alone(name: str, number: int, item: Mapping[str, Any]) -> Found:
    apart = f"{item.get('id', number)}:{item.get('cmsLocaleId', '')}"
    return Found(name, apart, announced(name, item))


def announced(name: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """`item` as the payload that would tell of it alone."""
    return {"triggerType": name, "payload": dict(item)}


def unwrapped(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is inside the envelope, which Webflow's own documents show put into itself."""
    while isinstance(inner := payload.get("payload"), Mapping):
        payload = inner
    return payload


def item_of(payload: Mapping[str, Any]) -> Item:
    """Raises EventUnreadable."""
    return read_payload(Item, unwrapped(payload))


def collection_of(item: Item, connection: Connection) -> tuple[str, Mapping[str, Any]] | None:
    """The item's collection as `connect` found it; None when it is not one that is read.

    Some of Webflow's payloads do not name it; then it is known where there is only one.
    """
    known: Mapping[str, Mapping[str, Any]] = connection.state.get("collections", {})
    name = item.collection or (next(iter(known)) if len(known) == 1 else "")
    found = known.get(name)
    if found is None or item.site not in (None, found["site"]):
        return None
    return name, found


def locale_of(item: Item, connection: Connection, site: str) -> str:
    """The item's locale; where it names none, the site's first one."""
    return item.locale or str(connection.state["sites"][site].get("locale", ""))
