"""Wix's REST API: where things are, and what its answers mean (dev.wix.com/docs/rest)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from connectors.errors import ConnectionBroken, PushRefused, TryAgain
from connectors.flow import Request, Response, accepted

API: Final = "https://www.wixapis.com"
_CODE: Final = re.compile(r"[A-Z0-9_]{3,60}")


def get(path: str, *, after_seconds: float = 0.0) -> Request:
    return Request("GET", f"{API}/{path}", after_seconds=after_seconds)


def post(path: str, json: Mapping[str, Any]) -> Request:
    return Request("POST", f"{API}/{path}", json=dict(json))


def patch(path: str, json: Mapping[str, Any]) -> Request:
    return Request("PATCH", f"{API}/{path}", json=dict(json))


def answered(response: Response, doing: str) -> Mapping[str, Any]:
    """The object that a good answer brings. Raises PushFailed, with what Wix means by its codes."""
    if response.status == 403:
        raise ConnectionBroken(
            f"Wix does not let Sayhook {doing}: a permission is missing. Update the app on the site, or "
            "connect again."
        )
    if response.status in (400, 428) and (code := code_of(response)):
        raise PushRefused(f"Wix did not let us {doing} ({code}).")
    return object_of(accepted(response, doing))


def object_of(response: Response) -> Mapping[str, Any]:
    """Raises TryAgain when the answer is no object."""
    found = response.json
    if not isinstance(found, dict):
        raise TryAgain("Wix's answer could not be read.")
    return found


def part(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object under `name`; empty where there is none."""
    inner = found.get(name)
    return inner if isinstance(inner, dict) else {}


def code_of(response: Response) -> str:
    """`details.applicationError.code`, where there is one that can be shown."""
    found = response.json
    error = part(part(found, "details"), "applicationError") if isinstance(found, dict) else {}
    code = str(error.get("code", ""))
    return code if _CODE.fullmatch(code) else ""
