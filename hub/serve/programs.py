"""What runs on one machine: the embedded queue, the workers and the web process, as supervised programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

from hub.serve.child import Program
from hub.serve.valkey import EmbeddedValkey
from hub.settings import Settings
from hub.supervised import SUPERVISOR

WORKERS_TIER, WEB_TIER = 1, 2
WORKER_GRACE = 30.0

LEAN_MEMORY = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "131072",
    "MALLOC_TRIM_THRESHOLD_": "131072",
}
"""Has the C library give a recording's memory back once it is freed instead of keeping it."""


def programs(settings: Settings, *, valkey: EmbeddedValkey | None, listener_fd: int) -> Iterator[Program]:
    """All programs of one hub. Its own settings reach them through the environment, whatever `.env` says."""
    environment = {
        "SAYHOOK_DATA": str(settings.data.resolve()),
        "SAYHOOK_MODELS": str(settings.models.resolve()),
        "SAYHOOK_HOST": settings.host,
        "PORT": str(settings.port),
        SUPERVISOR: str(os.getpid()),
    }

    def ours(name: str, *arguments: str, tier: int, grace: float, **more: Any) -> Program:
        command = (sys.executable, "-m", "hub", *arguments)
        return Program(name, command, tier, grace=grace, **{"environment": environment, **more})

    if valkey is not None:
        yield valkey.program()
    for number in range(1, settings.speak_workers + 1):
        name = "speak worker" if settings.speak_workers == 1 else f"speak worker {number}"
        yield ours(name, "worker", "--queue", "speak", tier=WORKERS_TIER, grace=WORKER_GRACE)
    yield ours("deliver worker", "worker", "--queue", "deliver", tier=WORKERS_TIER, grace=WORKER_GRACE)
    yield ours(
        "web process",
        "web",
        "--listener-fd",
        str(listener_fd),
        tier=WEB_TIER,
        grace=12.0,
        environment=environment | LEAN_MEMORY,
        keep_open=(listener_fd,),
    )
