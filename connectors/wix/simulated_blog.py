"""Wix Blog: a draft its author works on, and the post visitors read, which only a publish changes."""

from __future__ import annotations

import copy
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from connectors.wix.rich_content import text_of
from connectors.wix.simulated_app import Refused, Saved

CREATED, UPDATED, DELETED = (f"wix.blog.v3.post_{change}" for change in ("created", "updated", "deleted"))
ACTIONS: Final = frozenset({
    "UPDATE", "UPDATE_PUBLISH", "UPDATE_SCHEDULE", "UPDATE_REVERT_TO_DRAFT", "UPDATE_CANCEL_SCHEDULE",
    "UPDATE_REJECT", "UPDATE_PUBLICATION",
})  # fmt: skip
_EDITABLE: Final = frozenset(
    {"title", "excerpt", "richContent", "tagIds", "categoryIds", "featured", "seoSlug"}
)
_BODY: Final = "RICH_CONTENT"
_EXCERPT: Final = "GENERATED_EXCERPT"
_LONGEST_EXCERPT: Final = 140

Announce = Callable[[str, Saved, str], None]
"""The event's type, the domain event, and who did it."""


@dataclass
class Blog:
    now: Callable[[], datetime]
    announce: Announce
    site: str
    drafts: dict[str, Saved] = field(default_factory=dict)
    posts: dict[str, Saved] = field(default_factory=dict)
    sequence: int = 0
    missing: frozenset[str] = frozenset()
    """Ids of media files that cannot be played; a document that names one is refused."""

    def write(self, title: str, *paragraphs: str) -> str:
        """A new draft of the author's."""
        post_id = str(uuid.uuid4())
        self.drafts[post_id] = {
            "id": post_id,
            "title": title,
            "excerpt": "",
            "featured": False,
            "categoryIds": [],
            "tagIds": [],
            "language": "en",
            "slug": re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-"),
            "memberId": str(uuid.uuid5(uuid.NAMESPACE_OID, self.site)),
            "status": "UNPUBLISHED",
            "hasUnpublishedChanges": False,
            "editedDate": self.stamp(),
            "richContent": document(*paragraphs),
        }
        return post_id

    def edit(self, post_id: str, **changes: Any) -> None:
        """The author writes on, and has not published it."""
        draft = self.draft(post_id)
        draft.update(copy.deepcopy(changes), editedDate=self.stamp())
        draft["hasUnpublishedChanges"] = draft["status"] == "PUBLISHED"

    def publish(self, post_id: str, who: str = "WIX_USER") -> None:
        draft = self.draft(post_id)
        first = post_id not in self.posts
        stamp = self.stamp()
        draft.update(status="PUBLISHED", hasUnpublishedChanges=False, editedDate=stamp)
        kept = {name: value for name, value in draft.items() if name not in ("status", "editedDate")}
        before = self.posts.get(post_id, {})
        self.posts[post_id] = {
            **copy.deepcopy(kept),
            "firstPublishedDate": before.get("firstPublishedDate", stamp),
            "lastPublishedDate": stamp,
            "url": {"base": self.site, "path": f"/post/{draft['slug']}"},
        }
        shown = self.shown(self.posts[post_id], ())
        change = {"createdEvent": {"entity": shown}} if first else {"updatedEvent": {"currentEntity": shown}}
        self._announce(CREATED if first else UPDATED, post_id, change, who)

    def take_off(self, post_id: str) -> None:
        self.posts.pop(post_id)
        self.drafts[post_id]["status"] = "UNPUBLISHED"
        self._announce(DELETED, post_id, {"deletedEvent": {}}, "WIX_USER")

    def change(self, post_id: str, given: Mapping[str, Any]) -> Saved:
        """PATCH. The live post stays as it is."""
        draft, asked = self.draft(post_id), given.get("draftPost")
        if not isinstance(asked, dict) or given.get("action", "UPDATE") not in ACTIONS:
            raise Refused(400, "INVALID_ARGUMENT")
        content = asked.get("richContent", draft["richContent"])
        if not isinstance(content, dict) or not isinstance(content.get("nodes"), list):
            raise Refused(400, "INVALID_RICH_CONTENT")
        for node in content["nodes"]:
            self._check(node)
        draft.update({name: value for name, value in asked.items() if name in _EDITABLE})
        draft["editedDate"] = self.stamp()
        draft["hasUnpublishedChanges"] = draft["status"] == "PUBLISHED"
        return draft

    def draft(self, post_id: str) -> Saved:
        if post_id not in self.drafts:
            raise Refused(404, "DRAFT_POST_NOT_FOUND")
        return self.drafts[post_id]

    def post(self, post_id: str) -> Saved:
        if post_id not in self.posts:
            raise Refused(404, "POST_NOT_FOUND")
        return self.posts[post_id]

    def shown(self, entity: Saved, fieldsets: tuple[str, ...]) -> Saved:
        """A post or a draft without its body, unless that was asked for; a post never lacks an excerpt."""
        left_out = set() if _BODY in fieldsets else {"richContent"}
        shown = copy.deepcopy({name: value for name, value in entity.items() if name not in left_out})
        if not entity["excerpt"] and (_EXCERPT in fieldsets or "lastPublishedDate" in entity):
            shown["excerpt"] = text_of(entity["richContent"])[:_LONGEST_EXCERPT]
        return shown

    def stamp(self) -> str:
        return self.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _check(self, node: Any) -> None:
        if not isinstance(node, dict) or not isinstance(node.get("type"), str):
            raise Refused(400, "INVALID_RICH_CONTENT")
        if node["type"] == "TEXT":
            raise Refused(400, "INVALID_RICH_CONTENT", "TEXT nodes belong into a paragraph")
        if node["type"] == "AUDIO":
            source = node.get("audioData", {}).get("audio", {}).get("src", {})
            if not (source.get("id") or source.get("url")) or source.get("id") in self.missing:
                raise Refused(400, "INVALID_RICH_CONTENT", "AUDIO nodes need a source")

    def _announce(self, event: str, post_id: str, change: Saved, who: str) -> None:
        self.sequence += 1
        said = {
            "id": str(uuid.uuid4()),
            "entityFqdn": "wix.blog.v3.post",
            "slug": event.rpartition("_")[2],
            "entityId": post_id,
            "eventTime": self.stamp(),
            "triggeredByAnonymizeRequest": False,
            "entityEventSequence": str(self.sequence),
            **change,
        }
        self.announce(event, said, who)


def document(*paragraphs: str) -> Saved:
    """Ricos, as the editor writes it."""
    nodes = [
        {
            "type": "PARAGRAPH",
            "id": f"p{number}",
            "nodes": [{"type": "TEXT", "id": "", "nodes": [], "textData": {"text": text, "decorations": []}}],
            "paragraphData": {"textStyle": {"textAlignment": "AUTO"}},
        }
        for number, text in enumerate(paragraphs)
    ]
    return {"nodes": nodes, "metadata": {"version": 1}, "documentStyle": {}}
