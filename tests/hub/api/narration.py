"""A worker in the test's own process whose speech is known to the sample, and waits when told to."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from sqlalchemy import select

from engine.audio.live import LIVE_RATE, Listener, as_pcm
from engine.errors import NothingToSpeak
from engine.values import AudioFormat, Cancelled, Progress, Speech, SpeechRequest, Word
from hub.hub import Hub
from hub.store.tables import Generation
from hub.worker.speaking import SpeakJob
from hub.worker.utterance import SpeakingThreads

SECONDS = 1.0
"""Length of one stretch; every speech has two."""


def signal(text: str) -> NDArray[np.float32]:
    """Two stretches of noise that belong to this text."""
    random = np.random.default_rng(len(text))
    return (0.2 * random.uniform(-1, 1, round(2 * SECONDS * LIVE_RATE))).astype(np.float32)


def pcm(text: str) -> bytes:
    return as_pcm(signal(text))


class Narrator:
    """`gate` shut holds the second stretch back."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.requests: list[SpeechRequest] = []

    def speak(
        self,
        request: SpeechRequest,
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
        listener: Listener | None = None,
    ) -> Speech:
        self.requests.append(request)
        if "silence" in request.text:
            raise NothingToSpeak("There is nothing to speak in this text.")
        samples = signal(request.text)
        for half in np.split(samples, 2):
            if listener is not None:
                listener(half)
            assert self.gate.wait(20)
        return Speech(
            audio=_file(samples, request.format),
            format=request.format,
            sample_rate=LIVE_RATE,
            duration_seconds=len(samples) / LIVE_RATE,
            language="en",
            seed=7,
            engine="kokoro",
            words=(Word("Noise", 0.0, 2 * SECONDS),),
        )


def _file(samples: NDArray[np.float32], format: AudioFormat) -> bytes:
    from engine.audio.encoding import encode

    if format not in (AudioFormat.WAV, AudioFormat.FLAC):
        return encode(samples, LIVE_RATE, format)
    file = io.BytesIO()
    whole = np.frombuffer(as_pcm(samples), "<i2")
    soundfile.write(file, whole, LIVE_RATE, format=format.upper(), subtype="PCM_16")
    return file.getvalue()


@asynccontextmanager
async def narrating(hub: Hub) -> AsyncIterator[Narrator]:
    """Speaks whatever is queued for as long as the block lasts."""
    narrator = Narrator()
    job = SpeakJob(hub, SpeakingThreads(narrator, 1), stuck=pytest.fail)

    async def work() -> None:
        while True:
            async with hub.database.reading() as session:
                waiting = await session.scalar(select(Generation.id).where(Generation.status == "queued"))
            if waiting is None:
                await asyncio.sleep(0.02)
                continue
            context: dict[str, object] = {"job_id": waiting}
            await job.run(context)

    working = asyncio.create_task(work())
    try:
        yield narrator
    finally:
        narrator.gate.set()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
