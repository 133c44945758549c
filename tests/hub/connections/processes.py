"""The processes of one hub: a web process and workers that can be killed and come back."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from hub.hub import open_hub
from tests.databases import Prepare
from tests.hub.running import ROOT, RunningHub, quick_settings, start_worker
from tests.hub.worker.forked import Forked


class Parts:
    """The processes of one hub, each of which can be killed and comes back as under a supervisor."""

    def __init__(self, running: RunningHub, port: int, models: Path) -> None:
        self._running = running
        self._port = port
        self._models = models
        self._plain_port = free_port()
        self._processes: dict[str, subprocess.Popen[bytes] | Forked] = {}

    def start(self, name: str, **environment: str) -> None:
        """`web`, `plain`, `speak` (a scripted speaker), `voice` (the real engine) or `deliver`."""
        settings = self._running.hub.settings
        if name in ("speak", "deliver"):
            own = {"PORT": str(self._port), **environment}
            self._processes[name] = start_worker(settings, name, self._running.journal, grace=10.0, **own)
            return
        served = ["hub", "worker", "--queue", "speak"] if name == "voice" else ["hub", "web"]
        if name == "plain":
            served = ["uvicorn", "tests.hub.connections.plain_route:app", "--log-level", "error"]
            served += ["--port", str(self._plain_port)]
        given = {
            "SAYHOOK_DATA": str(settings.data),
            "SAYHOOK_REDIS_URL": settings.redis_url,
            "SAYHOOK_ALLOW_PRIVATE_CALLBACKS": "true",
            "SAYHOOK_MODELS": str(self._models),
            "PORT": str(self._port),
        }
        command = [sys.executable, "-m", *served]
        with (settings.data / "web.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, **given, **environment}, stdout=log, stderr=log
            )

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._plain_port if name == 'plain' else self._port}"

    def cpu_seconds(self, name: str) -> float:
        """Processor time that a part has used so far."""
        fields = Path(f"/proc/{self._processes[name].pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self, name: str) -> None:
        self._processes[name].kill()
        self._processes[name].wait()

    def stop(self) -> None:
        for name in self._processes:
            self.kill(name)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        found: int = probe.getsockname()[1]
        return found


@pytest.fixture
def port() -> int:
    return free_port()


@pytest_asyncio.fixture
async def running(
    tmp_path: Path, redis_url: str, port: int, prepare_sqlite: Prepare
) -> AsyncIterator[RunningHub]:
    prepare_sqlite(tmp_path)
    settings = quick_settings(tmp_path, redis_url, port=port)
    async with open_hub(settings) as hub:
        yield RunningHub(hub)


@pytest.fixture
def parts(running: RunningHub, port: int, models_folder: Path) -> Iterator[Parts]:
    made = Parts(running, port, models_folder)
    yield made
    made.stop()


async def answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(f"{url}/healthz")).status_code == 200
    except httpx.TransportError:
        return False
