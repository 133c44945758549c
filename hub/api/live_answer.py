"""Audio sent while it is being made, or an honest refusal when none comes."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, suppress
from functools import partial

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from engine.audio.labels import Labels
from engine.audio.live import LIVE_RATE, LiveEncoder, LiveFormat
from hub.api.call import Call
from hub.errors import ServerBusy
from hub.listening import listen

PATIENCE = 600.0
"""Seconds a caller may wait for the first audio: the queue may be long."""

_LOOK_SECONDS = 1.0
_CLIENT_LEFT = 499

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def live_answer(
    call: Call,
    generation_id: str,
    format: LiveFormat,
    *,
    labels: Labels | None = None,
    events: bool = False,
    characters: int = 0,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The whole audio of a generation, chunked, from when its first stretch is there.

    With `events` as OpenAI's server-sent events, which count `characters` as what went in. Raises what
    `hub.listening.listen` raises until then; afterwards a failure breaks the connection off.
    """
    chunks = _encoded(listen(call.hub, generation_id), LiveEncoder(format, labels))
    if events:
        chunks = _as_events(chunks, characters)
    first = await _first(call.request, chunks)
    if first is None:
        return Response(status_code=_CLIENT_LEFT)
    media_type = "text/event-stream" if events else format.media_type
    return StreamingResponse(_from(first, chunks), 200, {**HEADERS, **(headers or {})}, media_type)


async def _first(request: Request, chunks: AsyncIterator[bytes]) -> bytes | None:
    """The first chunk; None when the caller has left."""
    began = time.monotonic()
    waiting: asyncio.Future[bytes] = asyncio.ensure_future(anext(chunks, b""))
    try:
        while not waiting.done():
            await asyncio.wait({waiting}, timeout=_LOOK_SECONDS)
            if not waiting.done() and await request.is_disconnected():
                return None
            if not waiting.done() and time.monotonic() - began > PATIENCE:
                raise ServerBusy(retry_after=60)
        return waiting.result()
    finally:
        if not waiting.done():
            waiting.cancel()
            with suppress(asyncio.CancelledError):
                await waiting


async def _from(first: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in chunks:
        yield chunk


async def _encoded(audio: AsyncGenerator[bytes, None], encoder: LiveEncoder) -> AsyncIterator[bytes]:
    async with aclosing(audio) as stretches:
        async for pcm in stretches:
            for start in range(0, len(pcm), 2 * LIVE_RATE):
                piece = pcm[start : start + 2 * LIVE_RATE]
                if chunk := await to_thread.run_sync(partial(encoder.feed, piece)):
                    yield chunk
    if chunk := encoder.end():
        yield chunk


async def _as_events(chunks: AsyncIterator[bytes], characters: int) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        yield _event({"type": "speech.audio.delta", "audio": base64.b64encode(chunk).decode()})
    usage = {"input_tokens": characters, "output_tokens": 0, "total_tokens": characters}
    yield _event({"type": "speech.audio.done", "usage": usage})


def _event(message: Mapping[str, object]) -> bytes:
    return b"data: " + json.dumps(message).encode() + b"\n\n"
