"""Texts being spoken in the worker's speaking threads, seen from the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from engine.values import Cancelled, Progress, Speech, SpeechRequest

if TYPE_CHECKING:
    from engine.audio.live import Listener


class Speaker(Protocol):
    """The face of `engine.speaker.Engine` that a worker needs."""

    def speak(
        self,
        request: SpeechRequest,
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
        listener: Listener | None = None,
    ) -> Speech: ...


class Stop(Enum):
    """Why an utterance was asked to stop."""

    LOST = auto()
    """Its owner cancelled it, or another worker has taken it over."""
    TIMEOUT = auto()
    SHUTDOWN = auto()


class Utterance:
    """`progress` is the spoken share, 0.0 to 1.0; `stopped` the first reason given for stopping."""

    def __init__(self, listener: Listener | None = None) -> None:
        self.progress = 0.0
        self.listener = listener
        self.stopped: Stop | None = None
        self._flag = threading.Event()

    def stop(self, reason: Stop) -> None:
        """Ask the engine to stop at its next segment."""
        self.stopped = self.stopped or reason
        self._flag.set()

    def is_stopping(self) -> bool:
        return self._flag.is_set()

    def advance(self, share: float) -> None:
        self.progress = share


class SpeakingThreads:
    """The `at_once` threads that speak: the event loop stays free to beat, renew and answer signals."""

    def __init__(self, speaker: Speaker, at_once: int) -> None:
        self.at_once = at_once
        self._speaker = speaker
        self._executor = ThreadPoolExecutor(at_once, thread_name_prefix="speaking")
        self._running: set[asyncio.Future[Speech]] = set()

    def start(self, request: SpeechRequest, utterance: Utterance) -> asyncio.Future[Speech]:
        return self.run(
            lambda: self._speaker.speak(
                request,
                progress=utterance.advance,
                cancelled=utterance.is_stopping,
                listener=utterance.listener,
            )
        )

    def run(self, work: Callable[[], Speech]) -> asyncio.Future[Speech]:
        """Other long work that makes speech, such as joining parts."""
        running = asyncio.get_running_loop().run_in_executor(self._executor, work)
        self._running = {one for one in self._running if not one.done()} | {running}
        return running

    @property
    def busy(self) -> bool:
        return any(not one.done() for one in self._running)

    def close(self) -> None:
        """Does not wait for texts that are still being spoken."""
        self._executor.shutdown(wait=False)
