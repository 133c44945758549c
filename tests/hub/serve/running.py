"""A whole hub, started as `sayhook serve` starts it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.serve.readiness import missing_parts
from tests.hub.serve.processes import processes_in, wait_until

ROOT = Path(__file__).parents[3]
START_SECONDS = 100.0


class ServedHub:
    """`port` 0 lets the hub choose; `url` is what it then says."""

    def __init__(self, folder: Path, *, data: str = "data", port: int = 0) -> None:
        self.folder = folder
        self.log = folder / f"{data}.log"
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SAYHOOK_DATA": str(folder / data),
            "PORT": str(port),
            # The voices are elsewhere, and away: nothing is spoken here, and loading them takes long.
            "SAYHOOK_ENGINE": "voxcpm-server",
            "SAYHOOK_VOXCPM_SERVER_URL": "http://127.0.0.1:9",
        }
        self.log_start = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hub", "serve"],
                cwd=folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def said(self) -> str:
        return self.log.read_bytes()[self.log_start :].decode()

    @property
    def url(self) -> str:
        return str(re.findall(r"running at (\S+)", self.said())[0])

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    @property
    def key(self) -> str:
        return str(re.findall(r"^  (shk_\S+)$", self.said(), re.MULTILINE)[0])

    def is_ready(self, *, patience: float = 60.0) -> bool:
        """Waits that long, in seconds, for a web process that is starting to answer."""
        return not missing_parts("127.0.0.1", self.port, timeout=patience)

    def wait_for(self, words: str) -> None:
        def there() -> bool:
            assert self.process.poll() is None, self.said()
            return words in self.said()

        wait_until(there, seconds=START_SECONDS)

    def children(self, words: str = "") -> list[int]:
        """Processes of this hub, other than the supervisor, whose command line contains `words`."""
        return [
            pid
            for pid in processes_in(self.folder)
            if pid != self.process.pid and words.encode() in _command(pid)
        ]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(60)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
    except OSError:
        return b""


@contextmanager
def served(folder: Path, *, data: str = "data", port: int = 0) -> Iterator[ServedHub]:
    hub = ServedHub(folder, data=data, port=port)
    try:
        hub.wait_for("Sayhook is running at")
        yield hub
    finally:
        hub.process.kill()
        hub.process.wait()
