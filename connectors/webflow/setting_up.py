"""Finding an owner's sites, collections and fields, and keeping our webhooks on the chosen sites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from connectors.errors import ConnectionBroken, PushRefused, TargetGone, TryAgain
from connectors.flow import Flow, Request
from connectors.values import Choice, Connection, Hook
from connectors.webflow.api import SCOPES, answered, entries, object_of, read, url
from connectors.webflow.items import PUBLISHED

TRIGGERS: Final = (PUBLISHED, "site_publish")
TEXTS: Final = ("RichText", "PlainText")
ADDRESSES: Final = ("Link", "PlainText")
_NO_TEXT: Final = ("name", "slug")

Object = Mapping[str, Any]


def connect(connection: Connection, hook: Hook) -> Flow[Object]:
    """New webhooks are made before the old ones are taken away, so that no event falls between."""
    yield from _check_scopes()
    chosen = yield from _sites(connection)
    collections: dict[str, Object] = {}
    for site in chosen:
        collections |= yield from _collections(connection, site["id"])
    if not collections:
        raise PushRefused(_nothing_to_read(connection))
    used = {collection["site"] for collection in collections.values()}
    old, made = set(connection.state.get("webhooks", ())), []
    for site in (site for site in chosen if site["id"] in used):
        listed = yield from read(f"sites/{site['id']}/webhooks", "list its webhooks")
        old |= {entry["id"] for entry in entries(listed, "webhooks") if entry.get("url") == hook.url}
        made += yield from _register(site["id"], hook)
    yield from _remove(sorted(old - set(made)))
    sites = {site["id"]: _site_state(site) for site in chosen if site["id"] in used}
    return {"sites": sites, "collections": collections, "webhooks": made}


def disconnect(connection: Connection) -> Flow[None]:
    yield from _remove(connection.state.get("webhooks", ()))


def choices(connection: Connection, option: str) -> Flow[Sequence[Choice]]:
    if option == "site":
        return [_choice(site) for site in (yield from _all_sites())]
    if option == "collection":
        found = []
        for site in (yield from _sites(connection)):
            for entry in (yield from _listed(site["id"])):
                named = _choice(entry)
                found.append(Choice(named.value, f"{named.label} ({_choice(site).label})"))
        return found
    if not connection.options["collection"]:
        return []
    wanted = TEXTS if option == "text_field" else ADDRESSES
    fields = yield from _fields(connection.options["collection"])
    return [Choice(slug, str(field.get("displayName") or slug)) for slug, field in _of(fields, wanted)]


def _check_scopes() -> Flow[None]:
    shown = yield from read("token/introspect", "look at its permissions")
    authorization = shown.get("authorization")
    given = str(authorization.get("scope", "")) if isinstance(authorization, dict) else ""
    missing = [scope for scope in SCOPES if scope not in given.replace(",", " ").split()]
    if missing:
        raise ConnectionBroken(
            f"Webflow did not give Sayhook the permission {', '.join(missing)}. Connect again and allow all."
        )


def _all_sites() -> Flow[list[Object]]:
    return entries((yield from read("sites", "list your sites")), "sites")


def _sites(connection: Connection) -> Flow[list[Object]]:
    """The chosen site, or all that the owner allowed."""
    wanted = connection.options["site"]
    found = [site for site in (yield from _all_sites()) if wanted in ("", site["id"])]
    if not found:
        raise ConnectionBroken(
            "Webflow shows Sayhook no such site of yours. Connect again and allow the site you want spoken."
        )
    return found


def _listed(site: str) -> Flow[list[Object]]:
    shown = yield from read(f"sites/{site}/collections", "list the site's collections")
    return entries(shown, "collections")


def _collections(connection: Connection, site: str) -> Flow[dict[str, Object]]:
    """Those of `site` that are read, with the slugs of their two fields."""
    options = connection.options
    found: dict[str, Object] = {}
    for entry in (yield from _listed(site)):
        if options["collection"] not in ("", entry["id"]):
            continue
        fields = yield from _fields(entry["id"])
        if options["collection"] and options["audio_field"] not in fields:
            fields = yield from _with_audio_field(entry["id"], options["audio_field"])
        audio = fields.get(options["audio_field"])
        if audio is None or audio.get("type") not in ADDRESSES:
            continue
        label = _choice(entry).label
        text = _text_field(options["text_field"], fields, options["audio_field"])
        found[entry["id"]] = {
            "site": site,
            "name": label,
            "audio": options["audio_field"],
            "text": text,
        }
    return found


def _fields(collection: str) -> Flow[dict[str, Object]]:
    shown = yield from read(f"collections/{collection}", "read the collection's fields")
    return {str(field.get("slug", field["id"])): field for field in entries(shown, "fields")}


def _with_audio_field(collection: str, slug: str) -> Flow[dict[str, Object]]:
    """The fields once more, with a new one. Its slug is Webflow's to make, so it is read and not assumed."""
    body = {
        "type": "Link",
        "displayName": slug.replace("-", " ").capitalize().replace(" url", " URL"),
        "isRequired": False,
        "helpText": "Filled by Sayhook: the address of the spoken text.",
    }
    made = yield Request("POST", url(f"collections/{collection}/fields"), json=body)
    if made.status != 409:  # taken: somebody made it meanwhile
        answered(made, f"add the field “{slug}” to the collection")
    return (yield from _fields(collection))


def _text_field(wanted: str, fields: Mapping[str, Object], audio: str) -> str:
    if wanted:
        return wanted
    for kind in TEXTS:
        for slug, _ in _of(fields, (kind,)):
            if slug != audio:
                return slug
    return ""


def _of(fields: Mapping[str, Object], kinds: Sequence[str]) -> list[tuple[str, Object]]:
    return [
        (slug, field) for slug, field in fields.items() if field.get("type") in kinds and slug not in _NO_TEXT
    ]


def _register(site: str, hook: Hook) -> Flow[list[str]]:
    made = []
    for trigger in TRIGGERS:
        body = {"triggerType": trigger, "url": hook.url}
        created = yield Request("POST", url(f"sites/{site}/webhooks"), json=body)
        if created.status == 400:
            raise PushRefused(
                "Webflow does not take this hub's address for its webhooks: it must be a public one that "
                "begins with https://."
            )
        shown = object_of(answered(created, "register a webhook"))
        if not isinstance(shown.get("id"), str):
            raise TryAgain("Webflow's answer could not be read.")
        made.append(str(shown["id"]))
    return made


def _remove(webhooks: Sequence[str]) -> Flow[None]:
    for webhook in webhooks:
        removed = yield Request("DELETE", url(f"webhooks/{webhook}"))
        try:
            answered(removed, "take a webhook away")
        except (TargetGone, ConnectionBroken):
            continue  # gone, or with a site that we may no longer see


def _site_state(site: Object) -> Object:
    """`locale` is the first one's id in the CMS; `tags` are the languages by such ids."""
    locales = site.get("locales")
    locales = locales if isinstance(locales, dict) else {}
    primary, secondary = locales.get("primary"), locales.get("secondary")
    every = [primary, *(secondary if isinstance(secondary, list) else ())]
    tags = {
        locale["cmsLocaleId"]: str(locale.get("tag") or "")
        for locale in every
        if isinstance(locale, dict) and isinstance(locale.get("cmsLocaleId"), str)
    }
    return {"name": _choice(site).label, "locale": next(iter(tags), ""), "tags": tags}


def _choice(entry: Object) -> Choice:
    return Choice(entry["id"], str(entry.get("displayName") or entry["id"]))


def _nothing_to_read(connection: Connection) -> str:
    field = connection.options["audio_field"]
    if connection.options["collection"]:
        return (
            f"The chosen collection has no field “{field}” of the kind Link or plain text. Choose another "
            "field, or another name for a new one."
        )
    return (
        f"No collection has a field “{field}”. Add one of the kind Link in Webflow, or choose a collection "
        "here and Sayhook adds it."
    )
