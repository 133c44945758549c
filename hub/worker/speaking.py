"""The speak job: claim, speak off the event loop, beat, and end the attempt in the record."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from arq.connections import ArqRedis
from redis.exceptions import RedisError

from engine.longform import join
from engine.values import Speech
from hub import jobs
from hub.hub import Hub
from hub.jobs import Claim
from hub.queue.fairness import spend_turn
from hub.store.blobs import BlobMissing
from hub.worker.broadcast import Broadcast
from hub.worker.failures import FILE_LOST, STORAGE, TIMEOUT, Failure, describe, failure_of
from hub.worker.utterance import SpeakingThreads, Stop, Utterance

_TAKEN, _GOES_ON = "taken", "goes_on"

STUCK_SECONDS = 60.0
"""How long past its time an engine may take to notice that it was asked to stop."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class End:
    """How an attempt ended: in a word, the deliveries to send, and whether the job goes on at once."""

    told: str
    deliveries: tuple[str, ...] = ()
    goes_on: bool = False


class SpeakJob:
    """`stuck` is called when the engine does not stop: only a new process can speak again then."""

    def __init__(
        self,
        hub: Hub,
        threads: SpeakingThreads,
        *,
        stuck: Callable[[], None],
        stuck_seconds: float = STUCK_SECONDS,
    ) -> None:
        self._hub = hub
        self._threads = threads
        self._stuck = stuck
        self._limit = hub.settings.job_timeout
        self._patience = hub.settings.job_timeout + stuck_seconds
        self._current: set[Utterance] = set()

    async def run(self, context: dict[Any, Any]) -> None:
        """Never raises: ARQ would drop the job. What is left undone the sweeper finds in the record."""
        job_id: str = context["job_id"]
        try:
            claim = await jobs.claim(self._hub, job_id)
            if claim is None:
                return
            context[_TAKEN] = True
            began = time.monotonic()
            end = await self._attempt(claim)
            log.info(
                "job %s, try %d: %s after %.1f s", job_id, claim.tries, end.told, time.monotonic() - began
            )
            context[_GOES_ON] = claim if end.goes_on else None
            for delivery in end.deliveries:
                await self._hub.queue.enqueue_delivery(delivery, None)
        except Exception as error:
            log.error("job %s was left to the sweeper: %s", job_id, describe(error))

    async def carry_on(self, context: dict[Any, Any]) -> None:
        """Once ARQ has let go of a job that goes on, it queues again, behind what its account has had."""
        if _TAKEN in context:
            await self._spend_turn(context["redis"], context["job_id"])
        claim: Claim | None = context.get(_GOES_ON)
        if claim is not None:
            await self._hub.queue.enqueue_speech(claim.id, claim.account_id, len(claim.request.text))

    def interrupt(self) -> None:
        """The process must end: ask the running texts to stop; they go back to the queue."""
        for utterance in self._current:
            utterance.stop(Stop.SHUTDOWN)

    async def _spend_turn(self, redis: ArqRedis, job_id: str) -> None:
        try:
            await spend_turn(redis, job_id)
        except (RedisError, OSError):
            log.debug("the turn of job %s was not marked as spent; it runs out", job_id)

    async def _attempt(self, claim: Claim) -> End:
        broadcast = Broadcast(self._hub.queue, claim.id, begins=claim.begins, rest=claim.rest)
        utterance = Utterance(broadcast.hear)
        self._current.add(utterance)
        alarm = asyncio.get_running_loop().call_later(self._limit, utterance.stop, Stop.TIMEOUT)
        try:
            async with self._beating(claim, utterance), broadcast.sending():
                spoken = await self._start(claim, utterance)
                await asyncio.wait({spoken}, timeout=self._patience)
                return await self._conclude(claim, utterance, spoken)
        except BlobMissing:
            return await self._fail(claim, FILE_LOST)
        finally:
            alarm.cancel()
            self._current.discard(utterance)

    async def _start(self, claim: Claim, utterance: Utterance) -> asyncio.Future[Speech]:
        if claim.lost:
            raise BlobMissing(claim.id)
        if not claim.joining:
            return self._threads.start(claim.request, utterance)
        parts = await jobs.load_spoken(self._hub, claim.id)
        return self._threads.run(partial(join, parts, claim.request))

    async def _conclude(self, claim: Claim, utterance: Utterance, spoken: asyncio.Future[Speech]) -> End:
        if not spoken.done():
            self._stuck()
            return await self._fail(claim, TIMEOUT)
        error = spoken.exception()
        if error is None:
            return await self._complete(claim, spoken.result())
        if utterance.stopped is Stop.LOST:
            return End("lost to another or cancelled")
        if utterance.stopped is Stop.SHUTDOWN:
            await jobs.give_back(self._hub, claim)
            return End("given back", goes_on=True)
        if utterance.stopped is Stop.TIMEOUT:
            return await self._fail(claim, TIMEOUT)
        log.warning("job %s met %s", claim.id, describe(error))
        return await self._fail(claim, failure_of(error))

    async def _complete(self, claim: Claim, speech: Speech) -> End:
        try:
            if claim.part is not None:
                kept = await jobs.complete_part(self._hub, claim, speech)
                return End(f"part {claim.part + 1} of {claim.parts} spoken", goes_on=kept)
            return End("spoken", tuple(await jobs.complete(self._hub, claim, speech)))
        except Exception as error:
            log.error("job %s could not be completed: %s", claim.id, describe(error))
            return await self._fail(claim, STORAGE)

    async def _fail(self, claim: Claim, failure: Failure) -> End:
        deliveries = await jobs.fail(
            self._hub, claim, code=failure.code, message=failure.message, retryable=failure.retryable
        )
        return End(failure.code, tuple(deliveries))

    @asynccontextmanager
    async def _beating(self, claim: Claim, utterance: Utterance) -> AsyncIterator[None]:
        """Signs of life in the record for as long as the block lasts."""
        ended = asyncio.Event()
        beats = asyncio.create_task(self._beat(claim, utterance, ended))
        try:
            yield
        finally:
            ended.set()
            await beats

    async def _beat(self, claim: Claim, utterance: Utterance, ended: asyncio.Event) -> None:
        while not await _set_within(ended, self._hub.settings.heartbeat):
            try:
                if not await jobs.beat(self._hub, claim.id, claim.run, claim.overall(utterance.progress)):
                    utterance.stop(Stop.LOST)
                    return
            except Exception as error:
                log.warning("job %s missed a beat: %s", claim.id, describe(error))


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
