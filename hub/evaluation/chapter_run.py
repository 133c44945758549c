"""A chapter spoken by a whole hub whose worker is killed on the way: `sayhook bench chapter`."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from connectors.values import SpeechOrder
from engine.longform import Part
from engine.values import SpeechRequest, Word
from hub import jobs
from hub.accounts import create_account
from hub.hub import Hub, open_hub
from hub.jobs.states import Status
from hub.money import grant
from hub.queue.connection import worker_client
from hub.queue.location import redis_url
from hub.queue.names import SPEAK, WORKERS
from hub.serve.readiness import missing_parts
from hub.settings import Settings
from hub.store.tables import Account, Generation

START_SECONDS: Final = 240.0
_LOOK: Final = 0.25
_HOST: Final = "127.0.0.1"
_CREDITS: Final = 1_000_000


class ChapterFailed(Exception):
    """The hub did not start, or the chapter did not become audio; the sentence says why."""


@dataclass(frozen=True, slots=True)
class SpokenChapter:
    """One file and what the hub says of it; `charged` in credits, `seconds` from order to file."""

    audio: bytes
    words: tuple[Word, ...]
    parts: int
    kills: int
    charged: int
    seconds: float


Serving = Callable[[Settings], AbstractAsyncContextManager[Settings]]
"""Starts a hub and says where it is to be found."""


async def speak_chapter(
    settings: Settings,
    parts: tuple[Part, ...],
    kills: int,
    report: Callable[[float], None],
    serving: Serving | None = None,
) -> SpokenChapter:
    """Starts a hub (`serve`, if `serving` says no other way), kills its speak worker `kills` times
    (SIGKILL), evenly over the chapter, and gives what came out. Raises `ChapterFailed`."""
    async with AsyncExitStack() as stack:
        settings = await stack.enter_async_context((serving or serve)(settings))
        hub = await stack.enter_async_context(open_hub(settings))
        generation_id, account_id, credits = await _ordered(hub, parts)
        began, killed = time.monotonic(), 0
        while (row := await _row(hub, generation_id)).status in (Status.QUEUED, Status.PROCESSING):
            report(row.progress)
            if killed < kills and row.progress >= (killed + 1) / (kills + 1):
                killed += await _kill_worker(settings)
            await asyncio.sleep(_LOOK)
        seconds = time.monotonic() - began
        if row.status != Status.COMPLETED or row.audio_key is None:
            raise ChapterFailed(f"The chapter ended as {row.status}: {row.error_message or 'no reason'}")
        async with hub.database.reading() as session:
            account = await session.get_one(Account, account_id)
        return SpokenChapter(
            audio=await hub.blobs.get(row.audio_key),
            words=tuple(Word(*word) for word in row.words),
            parts=len(parts),
            kills=killed,
            charged=credits - account.credits - account.held,
            seconds=seconds,
        )


def settings_in(folder: Path, models: Path) -> Settings:
    """Those of a hub of its own: its data in `folder`, a free port, nothing from `.env`."""
    return Settings(data=folder, models=models, port=_free_port(), _env_file=None)


async def _ordered(hub: Hub, parts: tuple[Part, ...]) -> tuple[str, str, int]:
    now = hub.now()
    async with hub.database.transaction() as session:
        account = await create_account(session, email="chapter@example.com", now=now, secrets=hub.secrets)
        await grant(session, account_id=account.id, credits=_CREDITS, note="a chapter", now=now)
        await session.refresh(account)
        credits = account.credits
    text = "\n\n".join(part.text for part in parts)
    order = SpeechOrder(SpeechRequest(text, language="en"), parts=parts)
    accepted = await jobs.accept(hub, order, account_id=account.id)
    assert accepted.generation is not None
    return accepted.generation.id, account.id, credits


async def _row(hub: Hub, generation_id: str) -> Generation:
    async with hub.database.reading() as session:
        return await session.get_one(Generation, generation_id)


async def _kill_worker(settings: Settings) -> int:
    """1 when a worker was there to be killed, else 0."""
    redis = worker_client(redis_url(settings))
    try:
        names: list[bytes] = await redis.zrange(WORKERS[SPEAK], 0, -1, desc=True)
    finally:
        await redis.aclose(close_connection_pool=True)
    for name in names:
        process = int(name.decode().split(":")[-2])
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue
        return 1
    return 0


@asynccontextmanager
async def serve(settings: Settings) -> AsyncIterator[Settings]:
    """`sayhook serve` as another process, until it is left."""
    settings.data.mkdir(parents=True, exist_ok=True)
    log = settings.data / "hub.log"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SAYHOOK_")}
    given = {"SAYHOOK_DATA": str(settings.data), "SAYHOOK_MODELS": str(settings.models.resolve())}
    paths = os.pathsep.join(path for path in sys.path if path)
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hub", "serve", "--stop-with-parent"),
            env={**kept, **given, "PORT": str(settings.port), "PYTHONPATH": paths},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while await asyncio.to_thread(missing_parts, _HOST, settings.port):
            if process.returncode is not None or time.monotonic() > deadline:
                said = "\n".join(log.read_text("utf-8", "replace").splitlines()[-15:])
                raise ChapterFailed(f"The hub did not start. It said:\n{said}")
            await asyncio.sleep(_LOOK)
        yield settings
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()


def _free_port() -> int:
    with socket.create_server((_HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
