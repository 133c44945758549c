"""What Wix's webhooks say: JSON in JSON in the claims of a token, in today's spelling and in an older one.

Source: dev.wix.com, "Webhooks"; `@wix/sdk`. Strings are opened where objects are meant, so that what we
write ourselves (`announced`) reads the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from connectors.errors import EventUnreadable
from connectors.payload import Payload, read_object, read_payload

CREATED: Final = "wix.blog.v3.post_created"
UPDATED: Final = "wix.blog.v3.post_updated"
INVOKED: Final = "wix.service_plugin.invoke"
REMOVED: Final = "AppRemoved"
POSTS: Final = frozenset({CREATED, UPDATED})

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_ENTITIES: Final = (
    ("createdEvent", "entity"),
    ("createdEvent", "entityAsJson"),
    ("updatedEvent", "currentEntity"),
    ("updatedEvent", "currentEntityAsJson"),
)


class PostAddress(Payload):
    base: str = ""
    path: str = ""


class Named(Payload):
    """What every event about something says of it."""

    id: Annotated[Id, Field(alias="entityId")]


class Post(Payload):
    """The part of a post that decides what is read."""

    id: Id
    title: str | None = None
    excerpt: str | None = None
    content: Annotated[dict[str, Any] | None, Field(alias="richContent")] = None
    text: Annotated[str | None, Field(alias="contentText")] = None
    url: PostAddress | None = None
    slug: str | None = None
    language: str | None = None
    published: Annotated[str | None, Field(alias="lastPublishedDate")] = None


def told(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """What happened: the innermost object. Raises EventUnreadable."""
    return opened(opened(payload, "data"), "data")


def post_of(payload: Mapping[str, Any]) -> tuple[Post, Mapping[str, Any]]:
    """The post, checked and as it came. Raises EventUnreadable."""
    event = told(payload)
    for change, entity in _ENTITIES:
        inner = event.get(change)
        if isinstance(inner, Mapping) and entity in inner:
            found = opened(inner, entity)
            return read_payload(Post, found), found
    raise EventUnreadable("The delivery does not hold the post.")


def post_id(payload: Mapping[str, Any]) -> str:
    """Raises EventUnreadable where nothing names it."""
    return read_payload(Named, told(payload)).id


def announced(event: str, instance: str, post: Mapping[str, Any]) -> dict[str, Any]:
    """`post` as the payload that would tell of it with all that is in it."""
    said = {"entityId": str(post.get("id", "")), "createdEvent": {"entity": dict(post)}}
    return {"data": {"eventType": event, "instanceId": instance, "data": said}}


def signed_at(payload: Mapping[str, Any]) -> datetime | None:
    issued = payload.get("iat")
    if isinstance(issued, bool) or not isinstance(issued, int | float) or not 0 <= issued < 1e11:
        return None
    return datetime.fromtimestamp(issued, UTC)


def opened(found: Any, name: str) -> Mapping[str, Any]:
    """The object under `name`, which may be written as a string. Raises EventUnreadable."""
    inner = found.get(name) if isinstance(found, Mapping) else None
    if isinstance(inner, str):
        return read_object(inner.encode("utf-8", "replace"))
    if not isinstance(inner, Mapping):
        raise EventUnreadable(f"The field “{name}” is not what the platform documents.")
    return inner
