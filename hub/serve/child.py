"""One supervised process: it cannot outlive the supervisor, and its descendants end with it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Program:
    """What to run and how to care for it.

    Programs of a lower `tier` start first, must be `ready` before the next tier starts, and stop last.
    `grace` is the time in seconds between asking it to stop and killing it. `on_crash` is told the number of
    crashes in a row before the program is started again.
    """

    name: str
    command: tuple[str, ...]
    tier: int
    grace: float = 10.0
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    keep_open: tuple[int, ...] = ()
    ready: Callable[[], bool] = lambda: True
    on_crash: Callable[[int], None] = lambda crashes: None


class Process:
    """A running `Program` in a session of its own, so that Ctrl-C reaches the supervisor only."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._popen = subprocess.Popen(
            program.command,
            cwd=program.folder,
            env={**os.environ, **program.environment},
            stdin=subprocess.DEVNULL,
            pass_fds=program.keep_open,
            start_new_session=True,
            preexec_fn=_die_with_parent(),
        )

    @property
    def pid(self) -> int:
        return self._popen.pid

    def exit_code(self) -> int | None:
        """None while it runs; negative for the signal that ended it."""
        code = self._popen.poll()
        if code is not None:
            self._signal(signal.SIGKILL)  # descendants it left behind
        return code

    def terminate(self) -> None:
        if self._popen.poll() is None:
            self._popen.terminate()

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, number)


def _die_with_parent() -> Callable[[], None] | None:
    """Linux: a SIGKILL for the child when the supervisor's thread ends, even if it ends by SIGKILL itself."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def arm() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return arm


def stop_with_parent() -> None:
    """Asks for SIGTERM when the process that started this one ends, whatever ended it (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def describe_exit(code: int) -> str:
    if code < 0:
        try:
            return f"killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"killed by signal {-code}"
    return f"exit code {code}"
