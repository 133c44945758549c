"""The speak worker: one process that holds the voices and speaks a few texts at once."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable

import uvloop

from engine.errors import BackendUnavailable, ModelMissing
from hub.engines import open_engine, texts_at_once
from hub.hub import open_hub
from hub.queue.connection import worker_client
from hub.queue.location import redis_url
from hub.queue.names import SPEAK
from hub.settings import Settings
from hub.supervised import follow_supervisor
from hub.worker.lease import LeaseWorker
from hub.worker.name import worker_name
from hub.worker.service import GRACE_SECONDS, Service
from hub.worker.speaking import STUCK_SECONDS, SpeakJob
from hub.worker.utterance import Speaker, SpeakingThreads

MODEL_MISSING = 3
"""Exit code when the voices are not there: starting again will not help before they are fetched."""

STUCK = 4
"""Exit code when the engine would not stop: a new process is needed."""

log = logging.getLogger(__name__)

MakeSpeaker = Callable[[Settings], Speaker]


def run_speak(
    settings: Settings,
    *,
    make_speaker: MakeSpeaker | None = None,
    grace: float = GRACE_SECONDS,
    stuck_seconds: float = STUCK_SECONDS,
) -> None:
    """Serve the speak queue until SIGTERM or SIGINT.

    Raises SystemExit with `MODEL_MISSING` (the sentence goes to standard error) or `STUCK`, and QueueAway
    when no queue was ever started.
    """
    address = redis_url(settings)
    follow_supervisor()
    threads = SpeakingThreads(_load(settings, make_speaker or _engine), texts_at_once(settings))
    code = uvloop.run(_serve(settings, address, threads, grace, stuck_seconds))
    threads.close()
    if threads.busy:
        # Python would wait for the threads to end.
        logging.shutdown()
        os._exit(code)
    if code:
        raise SystemExit(code)


def _load(settings: Settings, make_speaker: MakeSpeaker) -> Speaker:
    log.info("loading the voices from %s", settings.models)
    started = time.monotonic()
    try:
        speaker = make_speaker(settings)
    except ModelMissing as error:
        print(error, file=sys.stderr)
        raise SystemExit(MODEL_MISSING) from error
    log.info("the voices are ready after %.1f s", time.monotonic() - started)
    return speaker


def _engine(settings: Settings) -> Speaker:
    engine = open_engine(settings)
    try:
        engine.warm_up()
    except BackendUnavailable as error:
        # A speech server may come up after its worker; until then jobs are tried again.
        log.warning("%s", error)
    return engine


async def _serve(
    settings: Settings, address: str, threads: SpeakingThreads, grace: float, stuck_seconds: float
) -> int:
    code = 0

    def stuck() -> None:
        nonlocal code
        log.error("the engine did not stop in time; a new worker is needed")
        code = STUCK
        service.stop()

    async with open_hub(settings) as hub:
        job = SpeakJob(hub, threads, stuck=stuck, stuck_seconds=stuck_seconds)
        worker = LeaseWorker(
            job.run,
            kind=SPEAK,
            redis=worker_client(address),
            name=worker_name(),
            lease=settings.lease,
            max_jobs=threads.at_once,
            after=job.carry_on,
        )
        service = Service(hub, worker, interrupt=job.interrupt, grace=grace)
        await service.run()
    return code
