"""Small real programs to supervise, and a look at what the system says is running."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from hub.serve.child import Program

SLEEPER = "import time; time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPER}"


def python_program(name: str, script: str, *, tier: int = 0, grace: float = 10.0) -> Program:
    return Program(name, (sys.executable, "-c", script), tier, grace=grace)


def wait_until(condition: Callable[[], bool], *, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (OSError, IndexError):
        return False
    return state not in "ZX"


def processes_in(folder: Path) -> list[int]:
    """Every living process whose working folder is `folder` or lies in it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                inside = (entry / "cwd").readlink().is_relative_to(folder)
            except OSError:
                continue
            if inside and is_alive(int(entry.name)):
                found.append(int(entry.name))
    return found
