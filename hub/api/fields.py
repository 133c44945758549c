"""The fields of a request body, whichever of the three forms it came in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request

from hub.api.multipart import NOT_UTF8, as_utf8, read_multipart
from hub.api.problems import PayloadTooLarge, UnsupportedMediaType
from hub.errors import BadRequest

JSON_TYPE = "application/json"
URLENCODED_TYPE = "application/x-www-form-urlencoded"
MULTIPART_TYPE = "multipart/form-data"

MAX_SMALL_BODY = 1024 * 1024
"""Bytes of a JSON or urlencoded body: much more than any valid request, and nothing to a small server."""

MAX_FIELDS = 100


@dataclass(frozen=True, slots=True)
class Fields:
    """What was sent: text (forms) or any JSON value by name, and files by name.

    An empty text in a form counts as absent, because form clients send every box. Of a field that came twice
    the last one holds, and a warning says so.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, UploadFile] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@asynccontextmanager
async def read_fields(request: Request) -> AsyncIterator[Fields]:
    """Read the body; its files live as long as the block."""
    match _media_type(request):
        case "application/json":
            yield _from_json(await _small_body(request))
        case "application/x-www-form-urlencoded":
            yield _from_urlencoded(await _small_body(request))
        case "multipart/form-data":
            async with read_multipart(request, max_parts=MAX_FIELDS) as pairs:
                yield _from_parts(pairs)
        case unknown:
            yield await _from_nothing(request, unknown)


def _media_type(request: Request) -> str:
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise UnsupportedMediaType("Content-Encoding is not served; send the body as it is.")
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return JSON_TYPE if declared.startswith("application/") and declared.endswith("+json") else declared


async def _small_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_SMALL_BODY:
            raise PayloadTooLarge(
                "The body must be at most 1 MB unless it is a multipart form with a recording."
            )
    return bytes(body)


async def _from_nothing(request: Request, media_type: str) -> Fields:
    if not media_type and not await _small_body(request):
        return Fields()
    raise UnsupportedMediaType(f"Content-Type must be {MULTIPART_TYPE}, {URLENCODED_TYPE} or {JSON_TYPE}.")


def _from_json(body: bytes) -> Fields:
    value = parse_json(as_utf8(body).removeprefix("\ufeff"))
    if not isinstance(value, dict):
        raise BadRequest('The JSON body must be an object, e.g. {"text": "Hello."}', code="invalid_json")
    return Fields({name: given for name, given in value.items() if given is not None and given != ""})


def parse_json(text: str) -> Any:
    """Any JSON value that can be stored again. Raises BadRequest, also for NaN and half characters."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise BadRequest(
            "The JSON could not be read. Check its quotes and commas.", code="invalid_json"
        ) from error
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _from_urlencoded(body: bytes) -> Fields:
    try:
        pairs = parse_qsl(as_utf8(body), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except UnicodeDecodeError as error:
        raise BadRequest(NOT_UTF8, code="invalid_encoding") from error
    except ValueError as error:
        raise BadRequest(f"The form has more than {MAX_FIELDS} fields.", code="invalid_form") from error
    return Fields(_last_of_each(pairs), warnings=_twice(pairs))


def _from_parts(pairs: list[tuple[str, str | UploadFile]]) -> Fields:
    texts = [(name, value) for name, value in pairs if isinstance(value, str)]
    files = {
        name: part for name, part in pairs if isinstance(part, UploadFile) and (part.filename or part.size)
    }
    return Fields(_last_of_each(texts), files, _twice(pairs))


def _last_of_each(pairs: list[tuple[str, str]]) -> dict[str, str]:
    return {name: value for name, value in dict(pairs).items() if value != ""}


def _twice(pairs: list[tuple[str, Any]]) -> tuple[str, ...]:
    names = [name for name, _ in pairs]
    return tuple(
        f"The field {name[:60]} was sent {names.count(name)} times; the last one was used."
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    )
