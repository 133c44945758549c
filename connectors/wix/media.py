"""The Media Manager: Wix fetches the audio from its lasting address, and is asked until it has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from connectors.contract import Flow, PushRefused, SpeechResult, TryAgain
from connectors.wix.api import answered, get, part, post

WAITS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds before each look whether the file is ready."""


def imported(result: SpeechResult, name: str) -> Flow[str]:
    """The id of the file once it is READY. Raises TryAgain while Wix is at it, PushRefused if it cannot."""
    extension = urlsplit(result.output_url).path.rpartition(".")[2]
    order = {
        "url": result.output_url,
        "mediaType": "AUDIO",
        "mimeType": result.media_type,
        "displayName": f"{name[:80] or 'voiceover'}.{extension}",
        "private": False,
        "externalInfo": {"origin": "sayhook", "externalIds": [result.generation_id]},
    }
    shown = answered(
        (yield post("site-media/v1/files/import", order)), "put the audio into the Media Manager"
    )
    file = part(shown, "file")
    for seconds in WAITS:
        if file.get("operationStatus") != "PENDING":
            break
        query = urlencode({"fileId": _id(file)})
        looked = yield get(f"site-media/v1/files/get-file-by-id?{query}", after_seconds=seconds)
        file = part(answered(looked, "look at the audio in the Media Manager"), "file")
    match file.get("operationStatus"):
        case "READY":
            return _id(file)
        case "FAILED":
            raise PushRefused(
                "Wix could not take the audio into the Media Manager. Look whether this hub can be reached "
                "from the internet and the site has storage left, then replay the event."
            )
    raise TryAgain("Wix is still taking the audio in.")


def _id(file: Mapping[str, Any]) -> str:
    found = file.get("id")
    if not isinstance(found, str) or not found:
        raise TryAgain("Wix's answer could not be read.")
    return found
