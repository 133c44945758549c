"""A request of the app's files, with every expression worked out, as it goes over the wire."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from connectors.make.errors import AppInvalid
from connectors.make.iml import UNDEFINED, Scope, rendered, text_of
from connectors.make.iml.values import is_empty, json_of, jsonable

_DOUBLE: Final = re.compile(r"(?<!:)//+")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request. `query` holds pairs; `body` is not encoded yet, `kind` says how it will be."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any
    kind: str

    def turned(self, page: Mapping[str, Any], base: Mapping[str, Any], scope: Scope) -> Outgoing:
        """The request for another page: what `pagination` says, by default beside what we have."""
        query = _query(rendered(page.get("qs", {}), scope))
        merged = {**self.query, **query} if page.get("mergeWithParent", True) else query
        url = _address(page["url"], base, scope) if "url" in page else self.url
        return Outgoing(self.method, url, self.headers, merged, self.body, self.kind)

    def request(self, timeout: float) -> httpx.Request:
        content, headers, files = b"", dict(self.headers), None
        if self.method != "GET" and self.body is not UNDEFINED:
            if self.kind == "multipart/form-data":
                files = _parts(self.body)
            else:
                content, content_type = _encoded(self.body, self.kind)
                headers = {**({"content-type": content_type} if content_type else {}), **headers}
        more: dict[str, Any] = {"files": files} if files is not None else {"content": content}
        extensions = {"timeout": httpx.Timeout(timeout).as_dict()}
        url = httpx.URL(self.url, params=self.query) if self.query else httpx.URL(self.url)
        return httpx.Request(self.method, url, headers=headers, extensions=extensions, **more)


def outgoing(step: Mapping[str, Any], base: Mapping[str, Any], scope: Scope) -> Outgoing:
    """Raises AppInvalid when the address is not a whole one."""
    headers = {**rendered(base.get("headers", {}), scope), **rendered(step.get("headers", {}), scope)}
    return Outgoing(
        method=text_of(rendered(step.get("method", "GET"), scope)),
        url=_address(step["url"], base, scope),
        headers={name.lower(): text_of(value) for name, value in headers.items() if not is_empty(value)},
        query=_query({**rendered(base.get("qs", {}), scope), **rendered(step.get("qs", {}), scope)}),
        body=rendered(step["body"], scope) if "body" in step else UNDEFINED,
        kind=text_of(rendered(step.get("type", base.get("type", "json")), scope)),
    )


def _address(given: str, base: Mapping[str, Any], scope: Scope) -> str:
    """Whole, the base's where it begins with a slash; double slashes are one."""
    url = text_of(rendered(given, scope))
    if url.startswith("/"):
        url = text_of(rendered(base.get("baseUrl", ""), scope)) + url
    if not url.startswith(("https://", "http://")):
        raise AppInvalid(f"{given} is not a whole address, and there is no base to complete it.")
    return _DOUBLE.sub("/", url)


def _query(given: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Undefined members are gone already; null and the empty text stay as `name=`."""
    return {
        name: [text_of(one) for one in value] if isinstance(value, list) else text_of(value)
        for name, value in given.items()
    }


def _encoded(body: Any, kind: str) -> tuple[bytes, str]:
    match kind:
        case "json":
            return json_of(body).encode(), "application/json"
        case "urlencoded":
            pairs = [(name, text_of(value)) for name, value in jsonable(body).items()]
            return urlencode(pairs).encode(), "application/x-www-form-urlencoded"
    return (body if isinstance(body, bytes) else text_of(body).encode()), ""


def _parts(body: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Files are `{"value": bytes, "options": {"filename": …}}`; everything else is a text."""
    parts: list[tuple[str, Any]] = []
    for name, value in body.items():
        if isinstance(value, dict) and "value" in value:
            parts.append((name, (value.get("options", {}).get("filename"), value["value"])))
        else:
            parts.append((name, (None, text_of(value).encode())))
    return parts
