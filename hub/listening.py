"""A generation's audio from its first sample on, while it is being made and after.

What comes first is taken: audio a worker is speaking now, parts of a long text that are spoken, or the
finished file. All three count the same samples, so a stretch that was lost is read from what was stored.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

import soundfile
from anyio import to_thread

from engine.audio.live import LIVE_RATE, as_pcm, resampled
from hub.errors import HubError, NotFound
from hub.hub import Hub
from hub.jobs.parts import after_part, parts_of
from hub.jobs.states import ENDED, Status
from hub.store.blobs import BlobMissing
from hub.store.tables import Generation, GenerationPart

POLL_SECONDS = 0.1
LOOK_SECONDS = 0.5
"""Between looks into the record while nothing comes live."""

_SENDERS_FAULTS = frozenset({"nothing_to_speak", "language_not_served", "invalid_reference", "cancelled"})

_BLOCK = 5 * LIVE_RATE


class SpeechFailed(HubError):
    """The generation a stream was to carry ended without audio."""

    status = 502
    code = "speech_failed"

    def __init__(self, generation: Generation) -> None:
        super().__init__(_why(generation), code=generation.error_code or str(generation.status))
        if self.code in _SENDERS_FAULTS:
            self.status = 422


async def listen(hub: Hub, generation_id: str) -> AsyncGenerator[bytes, None]:
    """PCM (16-bit, `LIVE_RATE`) of a generation to its end.

    Raises SpeechFailed when it fails or is cancelled, NotFound when it is erased. Leaving early changes
    nothing for the generation.
    """
    cursor, position, looked = "0", 0, 0.0
    while True:
        came = False
        for stretch in await hub.queue.overhear(generation_id, cursor):
            cursor = stretch.id
            if pcm := _fresh(stretch.pcm, stretch.at, position):
                came = True
                position += len(pcm) // 2
                yield pcm
        if came:
            continue
        if time.monotonic() - looked < LOOK_SECONDS:
            await asyncio.sleep(POLL_SECONDS)
            continue
        looked = time.monotonic()
        stored = await _stored(hub, generation_id, position)
        if stored is None:
            continue
        async for pcm in _decoded(hub, stored):
            looked = 0.0
            position += len(pcm) // 2
            yield pcm
        if stored.is_all:
            return


def _fresh(pcm: bytes, at: int, position: int) -> bytes:
    """What of a stretch follows at `position`; nothing of one that begins behind a gap."""
    return pcm[2 * (position - at) :] if at <= position else b""


@dataclass(frozen=True, slots=True)
class _Stored:
    """A stored file to go on with: after `rest` silent samples, from its sample `skip` (of a live stream)."""

    key: str
    rest: int
    skip: int
    is_all: bool


async def _stored(hub: Hub, generation_id: str, position: int) -> _Stored | None:
    async with hub.database.reading() as session:
        generation = await session.get(Generation, generation_id)
        parts = await parts_of(session, generation_id) if generation and generation.parts_total else ()
    if generation is None or generation.deleted_at is not None:
        raise NotFound("Generation not found", code="generation_not_found")
    if generation.status in ENDED:
        if generation.status != Status.COMPLETED or generation.audio_key is None:
            raise SpeechFailed(generation)
        return _Stored(generation.audio_key, 0, position, is_all=True)
    begins = rest = 0
    for part in parts:
        if part.audio_key is None:
            return None
        ends, after = after_part(begins, rest, part)
        if position < ends:
            return _of_part(part, begins, rest, position)
        begins, rest = ends, after
    return None


def _of_part(part: GenerationPart, begins: int, rest: int, position: int) -> _Stored:
    assert part.audio_key is not None
    silent = max(0, begins + rest - position)
    return _Stored(part.audio_key, silent, max(0, position - begins - rest), is_all=False)


def _why(generation: Generation) -> str:
    if generation.status == Status.CANCELLED:
        return "The generation was cancelled."
    return generation.error_message or "The generation failed."


async def _decoded(hub: Hub, stored: _Stored) -> AsyncIterator[bytes]:
    if stored.rest:
        yield bytes(2 * stored.rest)
    with tempfile.TemporaryFile() as file:
        try:
            size = await hub.blobs.size(stored.key)
            async for chunk in hub.blobs.stream(stored.key, 0, size):
                file.write(chunk)
        except BlobMissing:
            if stored.is_all:
                raise NotFound("Generation not found", code="generation_not_found") from None
            return  # its parts were joined a moment ago: the next look tells
        file.seek(0)
        with await to_thread.run_sync(soundfile.SoundFile, file) as sound:
            skip = stored.skip * sound.samplerate // LIVE_RATE
            if skip >= sound.frames:
                return
            sound.seek(skip)
            while pcm := await to_thread.run_sync(_next_block, sound):
                yield pcm


def _next_block(sound: soundfile.SoundFile) -> bytes:
    if sound.samplerate == LIVE_RATE:
        return bytes(sound.buffer_read(_BLOCK, "int16"))
    return as_pcm(resampled(sound.read(_BLOCK, "float32"), sound.samplerate))
