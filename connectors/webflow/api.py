"""Webflow's Data API v2: where things are, and what its answers mean (developers.webflow.com/data)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from connectors.errors import ConnectionBroken, TargetGone, TryAgain
from connectors.flow import Flow, Request, Response, accepted

API: Final = "https://api.webflow.com/v2"
SCOPES: Final = ("sites:read", "sites:write", "cms:read", "cms:write")


def read(path: str, doing: str, **query: str | int) -> Flow[Mapping[str, Any]]:
    """A GET and the object it brings. Raises PushFailed."""
    return object_of(answered((yield Request("GET", url(path, **query))), doing))


def url(path: str, **query: str | int) -> str:
    given = {name: value for name, value in query.items() if value != ""}
    return f"{API}/{path}?{urlencode(given)}" if given else f"{API}/{path}"


def answered(response: Response, doing: str) -> Response:
    """Like `accepted`, with what Webflow means by its codes."""
    if response.status == 403:
        if code_of(response) == "missing_scopes":
            raise ConnectionBroken(
                f"Sayhook may not {doing}: Webflow misses a permission. Connect again and allow all of "
                f"{', '.join(SCOPES)}."
            )
        raise ConnectionBroken(f"Webflow no longer lets Sayhook {doing}. Connect again and choose the site.")
    if response.status in (404, 410):
        raise TargetGone(f"Webflow did not let us {doing}: it is no longer there.")
    return accepted(response, doing)


def code_of(response: Response) -> str:
    found = response.json
    return str(found.get("code", "")) if isinstance(found, dict) else ""


def object_of(response: Response) -> Mapping[str, Any]:
    """Raises TryAgain when the answer is no object."""
    found = response.json
    if not isinstance(found, dict):
        raise TryAgain("Webflow's answer could not be read.")
    return found


def entries(found: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects with an id in the list `name`."""
    listed = found.get(name)
    return [
        entry
        for entry in (listed if isinstance(listed, list) else ())
        if isinstance(entry, dict) and isinstance(entry.get("id"), str)
    ]
