"""Reading a multipart form (RFC 7578) strictly: whole, in UTF-8, its files spooled to disk."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import Headers, MutableHeaders, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from engine.reference import MAX_BYTES
from hub.api.problems import PayloadTooLarge
from hub.errors import BadRequest

MAX_TEXT_PART = 1024 * 1024
"""Bytes of one text field; files may be larger and are kept on disk."""

RECORDING = "voice_ref"
"""The field of a recording, which is refused as soon as it is too large."""

NOT_UTF8 = "The request is not valid UTF-8 text. Send every field encoded as UTF-8."

_FORM_IN_A_FORM = (
    "A field holds another form. curl's -F makes one of a value that begins with a parenthesis: "
    "send it with --form-string instead."
)

_CHARSET = re.compile(r';\s*charset\s*=\s*("[^"]*"|[^;]*)', re.IGNORECASE)


@asynccontextmanager
async def read_multipart(
    request: Request, *, max_parts: int
) -> AsyncIterator[list[tuple[str, str | UploadFile]]]:
    """The parts in their order; files are closed at the end of the block. Raises BadRequest."""
    form = await _parse(request, max_parts)
    try:
        yield [(_decoded(name), _decoded(part) if isinstance(part, str) else part) for name, part in form]
    finally:
        for _, part in form:
            if isinstance(part, UploadFile):
                await part.close()


class _RecordingTooLarge(MultiPartException):
    """Raised while it is read, so that the parser closes its files."""


class _WholeParser(MultiPartParser):
    """Knows whether the closing boundary came: without it the last part is cut, and may be missing."""

    is_whole = False
    _recorded = 0

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        part = self._current_part
        if part.file is not None and part.field_name == RECORDING:
            self._recorded += end - start
            if self._recorded >= MAX_BYTES:
                raise _RecordingTooLarge("The recording is too large.")
        super().on_part_data(data, start, end)

    def on_headers_finished(self) -> None:
        for name, value in self._current_part.item_headers:
            if name == b"content-type" and value.lower().startswith(b"multipart/"):
                raise MultiPartException(_FORM_IN_A_FORM)
        super().on_headers_finished()

    def on_end(self) -> None:
        self.is_whole = True


async def _parse(request: Request, max_parts: int) -> list[tuple[str, str | UploadFile]]:
    parser = _WholeParser(
        _raw_headers(request),
        request.stream(),
        max_files=max_parts,
        max_fields=max_parts,
        max_part_size=MAX_TEXT_PART,
    )
    try:
        form = await parser.parse()
    except _RecordingTooLarge as error:
        raise PayloadTooLarge(error.message) from error
    except MultiPartException as error:
        raise BadRequest(
            f"The multipart form could not be read. {error.message}", code="invalid_form"
        ) from error
    parts = form.multi_items()
    if not parser.is_whole:
        await form.close()
        raise BadRequest(
            "The multipart form could not be read: it ends before its closing boundary.", code="invalid_form"
        )
    return parts


def _raw_headers(request: Request) -> Headers:
    """The headers with the charset of raw bytes: the parser would turn bad UTF-8 into other letters."""
    headers = MutableHeaders(raw=list(request.headers.raw))
    headers["content-type"] = _CHARSET.sub("", headers["content-type"]) + "; charset=latin-1"
    return headers


def _decoded(text: str) -> str:
    return as_utf8(text.encode("latin-1"))


def as_utf8(raw: bytes) -> str:
    """Raises BadRequest when `raw` is not valid UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(NOT_UTF8, code="invalid_encoding") from error
