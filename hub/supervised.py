"""A process does not outlive the supervisor that started it, however that one ended."""

from __future__ import annotations

import os
import signal
import threading
import time

SUPERVISOR = "SAYHOOK_SUPERVISOR"
"""Environment variable in which a supervisor tells its children its process id."""

_LOOK_SECONDS = 1.0


def follow_supervisor() -> None:
    """Take SIGTERM when the supervisor is gone. Nothing happens in a process that was started without one.

    A thread of its own looks, since the event loop does not run yet while the voices load.
    """
    named = os.environ.get(SUPERVISOR, "")
    if named.isdigit():
        threading.Thread(target=_follow, args=(int(named),), name="supervisor", daemon=True).start()


def _follow(supervisor: int) -> None:
    while os.getppid() == supervisor:
        time.sleep(_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
