"""Webflow's sites in memory: collections, items in their staged and live copies, and what a publish does.

Behaves as Webflow's documents and its own clients say: an edit changes the staged copy, a publish copies it
to the live one, a live write touches the live copy alone and comes back as `collection_item_published`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, Final

FIELD_TYPES: Final = frozenset({
    "Color", "DateTime", "Email", "File", "Image", "Link", "MultiImage", "MultiReference", "Number", "Option",
    "Phone", "PlainText", "Reference", "RichText", "Switch", "VideoLink",
})  # fmt: skip
_OWN: Final = (("Name", "PlainText", True), ("Slug", "PlainText", True))
_ADDRESS: Final = re.compile(r"https?://[^\s/]+[^\s]*")

Saved = dict[str, Any]
Announce = Callable[[str, str, Saved], None]
"""Is given the site's id, the trigger type and the payload."""


class Refused(Exception):
    """Webflow's error body; some have no code."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.answer: Saved = {
            "code": code,
            "message": message,
            "externalReference": None,
            "details": [],
        }


@dataclass
class Collection:
    id: str
    site: str
    name: str
    slug: str
    made: str
    fields: list[Saved] = field(default_factory=list)
    staged: dict[tuple[str, str], Saved] = field(default_factory=dict)
    live: dict[tuple[str, str], Saved] = field(default_factory=dict)

    def listed(self) -> Saved:
        return {
            "id": self.id,
            "displayName": self.name,
            "singularName": self.name.rstrip("s"),
            "slug": self.slug,
            "createdOn": self.made,
            "lastUpdated": self.made,
        }

    def shown(self) -> Saved:
        return {**self.listed(), "fields": self.fields}


@dataclass
class Site:
    """`tags` are the languages by the locales' ids in the CMS, the primary one first."""

    id: str
    name: str
    tags: dict[str, str]
    made: str
    published: str | None = None

    def shown(self) -> Saved:
        locales = [
            {"id": f"{cms}l", "cmsLocaleId": cms, "enabled": True, "displayName": tag, "tag": tag}
            for cms, tag in self.tags.items()
        ]
        return {
            "id": self.id,
            "workspaceId": WORKSPACE,
            "createdOn": self.made,
            "displayName": self.name,
            "shortName": _slug(self.name),
            "lastPublished": self.published,
            "lastUpdated": self.made,
            "previewUrl": f"https://screenshots.webflow.com/sites/{self.id}.png",
            "timeZone": "Europe/Vienna",
            "customDomains": [],
            "locales": {"primary": locales[0], "secondary": locales[1:]},
            "dataCollectionEnabled": False,
            "dataCollectionType": "disabled",
        }


WORKSPACE: Final = "625860a7a6c16d624927122f"


@dataclass
class Studio:
    """All sites of one owner. `announce` hears what a webhook could tell."""

    now: Callable[[], datetime]
    announce: Announce
    sites: dict[str, Site] = field(default_factory=dict)
    collections: dict[str, Collection] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: count(0x6A0000000000000000000001))

    def add_site(self, name: str, *tags: str) -> Site:
        stamp = self.stamp()
        site = Site(self.new_id(), name, {self.new_id(): tag for tag in tags or ("en",)}, stamp, stamp)
        self.sites[site.id] = site
        return site

    def add_collection(self, site: Site, name: str, *fields: tuple[str, str]) -> Collection:
        """`fields` are names and types beside the two that every collection has."""
        made = Collection(self.new_id(), site.id, name, _slug(name), self.stamp())
        self.collections[made.id] = made
        for shown, kind, required in (*_OWN, *((shown, kind, False) for shown, kind in fields)):
            self.add_field(made, {"displayName": shown, "type": kind, "isRequired": required})
        return made

    def add_field(self, collection: Collection, given: Mapping[str, Any]) -> Saved:
        name, kind = given.get("displayName"), given.get("type")
        if not isinstance(name, str) or not name or kind not in FIELD_TYPES:
            raise Refused(400, "validation_error", "Validation Error")
        if _slug(name) in {entry["slug"] for entry in collection.fields}:
            raise Refused(409, "conflict", "Conflict: Field with this name already exists")
        made = {
            "id": self.new_id(),
            "isEditable": True,
            "isRequired": bool(given.get("isRequired", False)),
            "type": kind,
            "slug": _slug(name),
            "displayName": name,
            "helpText": given.get("helpText"),
            "validations": None,
        }
        collection.fields.append(made)
        return made

    def create(self, collection: Collection, fields: Saved, *, draft: bool = True, locale: str = "") -> Saved:
        place = locale or next(iter(self.sites[collection.site].tags))
        given = {"slug": _slug(str(fields.get("name", ""))), **fields}
        self._check(collection, given, whole=True)
        stamp = self.stamp()
        item: Saved = {
            "id": self.new_id(),
            "cmsLocaleId": place,
            "lastPublished": None,
            "lastUpdated": stamp,
            "createdOn": stamp,
            "isArchived": False,
            "isDraft": draft,
            "fieldData": given,
        }
        collection.staged[item["id"], place] = item
        self._tell(collection, "collection_item_created", [item])
        return item

    def change(self, collection: Collection, item_id: str, given: Mapping[str, Any], *, live: bool) -> Saved:
        """A partial write. One of the live copy is itself a publish."""
        staged = self.item(collection, item_id, str(given.get("cmsLocaleId") or ""))
        fields = given.get("fieldData", {})
        self._check(collection, fields, whole=False)
        key = (item_id, staged["cmsLocaleId"])
        if live and key not in collection.live:
            raise Refused(
                409,
                "conflict",
                "Conflict: Conflict with server data: Live PATCH updates can't be applied to items that have "
                "never been published",
            )
        item = collection.live[key] if live else staged
        item["fieldData"] |= fields
        item |= {name: given[name] for name in ("isArchived", "isDraft") if isinstance(given.get(name), bool)}
        item["lastUpdated"] = self.stamp()
        if live:
            item["lastPublished"] = staged["lastPublished"] = item["lastUpdated"]
        self._tell(collection, "collection_item_published" if live else "collection_item_changed", [item])
        return item

    def publish(self, collection: Collection, item_ids: list[str]) -> tuple[list[str], list[str]]:
        """The ids that went live, in every locale, and a sentence for each that is not there."""
        went, errors = [], []
        items: list[Saved] = []
        for item_id in item_ids:
            copies = [item for (name, _), item in collection.staged.items() if name == item_id]
            if not copies:
                errors.append(f"Staging item ID {item_id} not found.")
                continue
            went.append(item_id)
            items += [self._go_live(collection, item) for item in copies if not item["isArchived"]]
        if items:
            self._tell(collection, "collection_item_published", items)
        return went, errors

    def publish_site(self, site: Site) -> None:
        """Everything that waits goes live, without an event of its own."""
        site.published = self.stamp()
        for collection in self.collections.values():
            if collection.site == site.id:
                for item in collection.staged.values():
                    if not item["isDraft"] and not item["isArchived"]:
                        self._go_live(collection, item)
        payload = {
            "siteId": site.id,
            "publishedOn": site.published,
            "domains": [f"{_slug(site.name)}.webflow.io"],
            "publishedBy": {"displayName": "Ada"},
            "publishScope": "site",
        }
        self.announce(site.id, "site_publish", payload)

    def take_off(self, collection: Collection, item_id: str) -> None:
        gone = [key for key in collection.live if key[0] == item_id]
        if not gone:
            raise Refused(404, "item_not_found", "Item not found")
        self._tell(collection, "collection_item_unpublished", [collection.live.pop(key) for key in gone])

    def delete(self, collection: Collection, item_id: str) -> None:
        for copies in (collection.staged, collection.live):
            for key in [key for key in copies if key[0] == item_id]:
                del copies[key]

    def item(self, collection: Collection, item_id: str, locale: str = "", *, live: bool = False) -> Saved:
        """Raises Refused. Without a locale the primary one is meant."""
        place = locale or next(iter(self.sites[collection.site].tags))
        found = (collection.live if live else collection.staged).get((item_id, place))
        if found is None:
            raise Refused(404, "item_not_found", "Item not found")
        return found

    def stamp(self) -> str:
        return self.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:23] + "Z"

    def new_id(self) -> str:
        return f"{next(self.ids):024x}"

    def _go_live(self, collection: Collection, item: Saved) -> Saved:
        item |= {"lastPublished": self.stamp(), "isDraft": False}
        live = collection.live[item["id"], item["cmsLocaleId"]] = deepcopy(item)
        return live

    def _tell(self, collection: Collection, trigger: str, items: list[Saved]) -> None:
        ids = {"siteId": collection.site, "workspaceId": WORKSPACE, "collectionId": collection.id}
        told = [{**deepcopy(item), **ids} for item in items]
        if trigger == "collection_item_published":
            self.announce(collection.site, trigger, {"items": told})
            return
        for item in told:
            self.announce(collection.site, trigger, item)

    def _check(self, collection: Collection, fields: object, *, whole: bool) -> None:
        """The field's own rules. Raises Refused."""
        known = {entry["slug"]: entry for entry in collection.fields}
        good = isinstance(fields, dict) and all(slug in known for slug in fields)
        if good and isinstance(fields, dict):
            good = all(_fits(known[slug], value) for slug, value in fields.items())
            if whole:
                good = good and all(fields.get(slug) for slug, entry in known.items() if entry["isRequired"])
        if not good:
            raise Refused(400, "validation_error", "Validation Error")


def _fits(entry: Saved, value: object) -> bool:
    if value is None:
        return not entry["isRequired"]
    match entry["type"]:
        case "Link":
            return isinstance(value, str) and bool(_ADDRESS.fullmatch(value))
        case "PlainText" | "RichText":
            return isinstance(value, str)
        case "Switch":
            return isinstance(value, bool)
    return True


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
