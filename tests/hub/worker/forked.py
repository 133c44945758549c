"""Processes that begin with everything imported: importing takes longer than most tests of a worker."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.hub.worker import process

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([process.__name__])


class Forked:
    """What tests ask of a `subprocess.Popen`, running `python -m tests.hub.worker.process *arguments`.

    It is forked from a process that did nothing but import, and has its own environment.
    """

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        begun = ForkServerProcess(target=_run, args=(list(arguments), dict(environment), log), daemon=True)
        begun.start()
        assert begun.pid is not None
        self._process, self.pid = begun, begun.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()


def _run(arguments: list[str], environment: dict[str, str], log: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    with log.open("ab") as file:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(file.fileno(), stream.fileno())
    sys.argv = [process.__name__, *arguments]
    process.main()
