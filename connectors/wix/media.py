"""The Media Manager: Wix fetches the audio from its lasting address, and is asked until it has it.

Which file it is is kept for the next try: an import that is slow is waited for, and leaves no second copy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from connectors.contract import Flow, PushRefused, Request, SpeechResult, Target, TryAgain
from connectors.wix.api import answered, get, part, post

WAITS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds before each look whether the file is ready."""

_FILE, _FILE_OF = "file", "file_of"

File = Mapping[str, Any]


def imported(target: Target, result: SpeechResult) -> Flow[str]:
    """The id of the file once it is READY. Raises TryAgain while Wix is at it, PushRefused if it cannot."""
    file = (yield from _begun_before(target, result)) or (yield from _begun(target, result))
    with kept(result, _id(file)):
        return (yield from _ready(file))


@contextmanager
def kept(result: SpeechResult, file: str) -> Iterator[None]:
    """Have the next try go on with this file."""
    try:
        yield
    except TryAgain as error:
        error.keep = {_FILE: file, _FILE_OF: result.spoken_hash}
        raise


def _begun_before(target: Target, result: SpeechResult) -> Flow[File | None]:
    file = target.fields.get(_FILE, "")
    if not file or target.fields.get(_FILE_OF) != result.spoken_hash:
        return None
    with kept(result, file):
        looked = yield _look(file)
        if looked.status == 404:  # its owner has deleted it
            return None
        return part(answered(looked, "look at the audio in the Media Manager"), "file")


def _begun(target: Target, result: SpeechResult) -> Flow[File]:
    extension = urlsplit(result.output_url).path.rpartition(".")[2]
    order = {
        "url": result.output_url,
        "mediaType": "AUDIO",
        "mimeType": result.media_type,
        "displayName": f"{target.fields.get('slug', '')[:80] or 'voiceover'}.{extension}",
        "private": False,
        "externalInfo": {"origin": "sayhook", "externalIds": [result.generation_id]},
    }
    shown = yield post("site-media/v1/files/import", order)
    return part(answered(shown, "put the audio into the Media Manager"), "file")


def _ready(file: File) -> Flow[str]:
    for seconds in WAITS:
        if file.get("operationStatus") != "PENDING":
            break
        looked = yield _look(_id(file), after_seconds=seconds)
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


def _look(file: str, *, after_seconds: float = 0.0) -> Request:
    query = urlencode({"fileId": file})
    return get(f"site-media/v1/files/get-file-by-id?{query}", after_seconds=after_seconds)


def _id(file: File) -> str:
    found = file.get("id")
    if not isinstance(found, str) or not found:
        raise TryAgain("Wix's answer could not be read.")
    return found
