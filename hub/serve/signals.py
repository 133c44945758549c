"""Requests to stop, counted: the first asks for an orderly stop, the second for an immediate one."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Iterator
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequests:
    """`count` is how often we were asked to stop; `pause` sleeps until asked, a child ends, or time is up."""

    def __init__(self) -> None:
        self.count = 0
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        os.set_blocking(self._wake_read, False)

    def pause(self, seconds: float) -> None:
        if select.select([self._wake_read], [], [], seconds)[0]:
            with contextlib.suppress(BlockingIOError):
                os.read(self._wake_read, 4096)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        self.count += 1


def _note_child(number: int, frame: FrameType | None) -> None:
    """A handler must exist for the wake-up pipe to be written; there is nothing else to do."""


@contextlib.contextmanager
def stop_requests() -> Iterator[StopRequests]:
    """Takes over SIGINT, SIGTERM, SIGHUP and SIGCHLD while the block runs. Main thread only."""
    requests = StopRequests()
    previous = {number: signal.signal(number, requests._asked) for number in STOPPING}
    previous[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _note_child)
    wake_before = signal.set_wakeup_fd(requests._wake_write, warn_on_full_buffer=False)
    try:
        yield requests
    finally:
        signal.set_wakeup_fd(wake_before)
        for number, handler in previous.items():
            signal.signal(number, handler)
        os.close(requests._wake_read)
        os.close(requests._wake_write)
