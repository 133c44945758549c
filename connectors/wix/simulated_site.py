"""The rest of a Wix site an app like ours touches: its Media Manager, its CMS, and its automations."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.wix.simulated_app import Refused, Saved

Download = Callable[[str], Awaitable[bytes | None]]
"""The bytes at an address; None when there are none."""

_KINDS: Final = frozenset({"IMAGE", "VIDEO", "AUDIO", "DOCUMENT", "VECTOR", "ARCHIVE", "MODEL3D"})


@dataclass
class Media:
    """Files that Wix fetches by itself: PENDING until it has, then READY or FAILED."""

    download: Download
    home: str
    files: dict[str, Saved] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    slow: bool = False
    """Whether files stay PENDING."""

    def begin(self, given: Mapping[str, Any]) -> Saved:
        url, kind = given.get("url"), given.get("mediaType")
        if not isinstance(url, str) or not url.startswith(("https://", "http://127.0.0.1")):
            raise Refused(400, "INVALID_ARGUMENT", "url must be public")
        if kind not in _KINDS or not given.get("mimeType"):
            raise Refused(400, "INVALID_ARGUMENT", "mediaType and mimeType are needed")
        file = f"{uuid.uuid4().hex}_{len(self.files)}"
        self.files[file] = {
            "id": file,
            "url": f"{self.home}/mp3/{file}",
            "displayName": given.get("displayName"),
            "mediaType": kind,
            "mimeType": given["mimeType"],
            "operationStatus": "PENDING",
            "sourceUrl": url,
        }
        return self.files[file]

    async def get_on(self) -> int:
        """Fetch what is waited for; how many."""
        pending = [file for file in self.files.values() if file["operationStatus"] == "PENDING"]
        for file in pending if not self.slow else ():
            content = await self.download(file["sourceUrl"])
            file["operationStatus"] = "FAILED" if content is None else "READY"
            self.contents[file["id"]] = content or b""
        return len(pending)

    def file(self, file_id: str) -> Saved:
        if file_id not in self.files:
            raise Refused(404, "FILE_NOT_FOUND")
        return self.files[file_id]


@dataclass
class Cms:
    """Items by collection and id."""

    collections: dict[str, dict[str, Saved]] = field(default_factory=dict)

    def query(self, given: Mapping[str, Any]) -> Saved:
        wanted = given.get("query", {}).get("filter", {})
        found = [
            {"id": name, "dataCollectionId": given.get("dataCollectionId"), "data": data}
            for name, data in self._collection(given).items()
            if all(data.get(key) == value for key, value in wanted.items())
        ]
        return {"dataItems": found, "pagingMetadata": {"count": len(found), "offset": 0}}

    def insert(self, given: Mapping[str, Any]) -> Saved:
        data = given.get("dataItem", {}).get("data")
        if not isinstance(data, dict):
            raise Refused(400, "WDE0007")
        name = str(uuid.uuid4())
        self._collection(given)[name] = {"_id": name, **data}
        return {"dataItem": {"id": name, "data": data}}

    def patch(self, item: str, given: Mapping[str, Any]) -> Saved:
        items = self._collection(given)
        if item not in items:
            raise Refused(404, "ITEM_NOT_FOUND")
        for change in given.get("patch", {}).get("fieldModifications", ()):
            if change.get("action") != "SET_FIELD":
                raise Refused(400, "WDE0007")
            items[item][change["fieldPath"]] = change["setFieldOptions"]["value"]
        return {"dataItem": {"id": item, "data": items[item]}}

    def _collection(self, given: Mapping[str, Any]) -> dict[str, Saved]:
        name = given.get("dataCollectionId")
        if name not in self.collections:
            raise Refused(404, "WDE0025", "The collection does not exist")
        return self.collections[str(name)]


@dataclass
class Automations:
    """Runs of our action that wait, by the token they wait with, and what was reported for each."""

    waiting: dict[str, Saved] = field(default_factory=dict)
    failing: int = 0
    """How many reports it is still too busy to take."""
    reported: dict[str, Saved] = field(default_factory=dict)

    def request(self, parameters: Mapping[str, Any]) -> Saved:
        """What an automation sends to invoke our action."""
        token = uuid.uuid4().hex
        context = {
            "activationId": str(uuid.uuid4()),
            "actionId": str(uuid.uuid5(uuid.NAMESPACE_OID, "speak")),
            "triggerKey": "form-submitted",
            "payload": {},
            "invocationToken": token,
        }
        self.waiting[token] = {
            "actionKey": "sayhook-speak-a-text",
            "actionParams": dict(parameters),
            "activationContext": context,
        }
        return self.waiting[token]

    def report(self, given: Mapping[str, Any]) -> Saved:
        token, status = given.get("invocationToken"), given.get("status")
        if self.failing:
            self.failing -= 1
            raise Refused(503, "UNAVAILABLE")
        if token not in self.waiting:
            raise Refused(428, "FAILED_PRECONDITION", "Nothing waits with this token")
        if not _is_report(status, given):
            raise Refused(400, "INVALID_ARGUMENT")
        del self.waiting[str(token)]
        self.reported[str(token)] = dict(given)
        return {}


def _is_report(status: object, given: Mapping[str, Any]) -> bool:
    """`successInfo` or `failureInfo`, never both, each with what belongs into it."""
    result, failure = given.get("successInfo"), given.get("failureInfo")
    if status == "SUCCESS":
        return failure is None and isinstance(result, dict) and isinstance(result.get("result"), dict)
    said = failure.get("errorDescription") if isinstance(failure, dict) else None
    return status == "FAILURE" and result is None and isinstance(said, str) and len(said) <= 1000
