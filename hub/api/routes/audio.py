"""Handing out finished audio and captions to whoever holds a live link."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from starlette.responses import Response, StreamingResponse

from engine.values import AudioFormat, Word
from hub.api.call import Call
from hub.api.captions import MEDIA_TYPES, as_srt, as_vtt
from hub.api.problems import RangeRefused
from hub.api.ranges import RangeNotSatisfiable, Span, requested_span
from hub.api.routes.generations import generation_id
from hub.errors import HubError, NotFound
from hub.links import check_audio_link
from hub.store.blobs import BlobMissing
from hub.store.tables import Generation

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Length, Content-Range, ETag",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""The link is the permission, and carries no cookie: pages of every origin may play it."""


@dataclass(frozen=True, slots=True)
class _File:
    """One thing to hand out: a stored file by `key`, or `content` made here."""

    media_type: str
    etag: str
    size: int
    key: str = ""
    content: bytes = b""


async def get_audio(call: Call) -> Response:
    """`GET /v1/audio/{id}.{ext}?expires&signature`: 404 when forged or deleted, 410 when its time is over."""
    try:
        return await _answer(call)
    except HubError as error:
        error.headers.update(CORS)
        raise


async def preflight_audio(call: Call) -> Response:
    """What a browser asks before a page of another origin may read parts of the file."""
    allowed = {
        "Access-Control-Allow-Methods": "GET, HEAD",
        "Access-Control-Allow-Headers": "Range, If-Range, If-None-Match",
        "Access-Control-Max-Age": "86400",
    }
    return Response(status_code=204, headers={**CORS, **allowed})


async def _answer(call: Call) -> Response:
    wanted = generation_id(call)
    query = call.request.query_params
    check_audio_link(
        call.hub.secrets,
        generation_id=wanted,
        expires=query.get("expires"),
        signature=query.get("signature"),
        now=call.hub.now(),
    )
    return await hand_out(call, wanted, call.request.path_params["extension"])


async def hand_out(call: Call, wanted: str, extension: str) -> Response:
    """A generation's file, to somebody who may have it. Raises NotFound when it is erased or not ready."""
    file = await _file(call, wanted, extension)
    headers = {**_headers(call, file), **CORS}
    if _is_known(call.request.headers.get("if-none-match"), file.etag):
        return Response(status_code=304, headers=headers)
    span = _span(call, file, headers)
    return _whole(call, file, headers) if span is None else _part(call, file, span, headers)


async def _file(call: Call, wanted: str, extension: str) -> _File:
    async with call.hub.database.reading() as session:
        generation = await session.get(Generation, wanted)
    if generation is None or generation.deleted_at is not None or generation.audio_key is None:
        raise _gone_for_good()
    if extension in MEDIA_TYPES and generation.words:
        return _captions(generation, extension)
    if extension != generation.format:
        raise _gone_for_good()
    try:
        size = await call.hub.blobs.size(generation.audio_key)
    except BlobMissing as error:
        raise _gone_for_good() from error
    etag = _etag(generation.audio_key.encode())
    return _File(AudioFormat(extension).media_type, etag, size, key=generation.audio_key)


def _captions(generation: Generation, extension: str) -> _File:
    words = [Word(text, start, end) for text, start, end in generation.words]
    content = (as_srt(words) if extension == "srt" else as_vtt(words)).encode()
    return _File(MEDIA_TYPES[extension], _etag(content), len(content), content=content)


def _headers(call: Call, file: _File) -> dict[str, str]:
    disposition = "attachment" if call.request.query_params.get("download") == "1" else "inline"
    name = call.request.url.path.rpartition("/")[2]
    return {
        "ETag": file.etag,
        "Accept-Ranges": "bytes",
        # Kept by the listener's own browser only, and asked about each time: a deleted file must stay silent.
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'{disposition}; filename="{name}"',
    }


def _span(call: Call, file: _File, headers: dict[str, str]) -> Span | None:
    if call.request.headers.get("if-range", file.etag).strip() != file.etag:
        return None
    try:
        return requested_span(call.request.headers.get("range"), file.size)
    except RangeNotSatisfiable as error:
        refused = {**headers, "Content-Range": f"bytes */{file.size}"}
        raise RangeRefused(f"Range: the file has {file.size} bytes.", headers=refused) from error


def _whole(call: Call, file: _File, headers: dict[str, str]) -> Response:
    return _body(call, file, Span(0, file.size), 200, headers)


def _part(call: Call, file: _File, span: Span, headers: dict[str, str]) -> Response:
    return _body(call, file, span, 206, {**headers, "Content-Range": span.content_range(file.size)})


def _body(call: Call, file: _File, span: Span, status: int, headers: dict[str, str]) -> Response:
    headers = {**headers, "Content-Length": str(span.length)}
    if call.request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=file.media_type)
    if not file.key:
        content = file.content[span.start : span.start + span.length]
        return Response(content, status, headers, file.media_type)
    chunks = call.hub.blobs.stream(file.key, span.start, span.length)
    return StreamingResponse(chunks, status, headers, file.media_type)


def _is_known(if_none_match: str | None, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return etag in tags or tags == ["*"]


def _etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _gone_for_good() -> NotFound:
    return NotFound("This audio is not here: it was deleted, or never made.", code="audio_not_found")
