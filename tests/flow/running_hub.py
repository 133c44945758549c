"""A hub started by `python -m hub serve` on a free port with a data folder of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import requests

from tests.flow.api_account import ApiAccount
from tests.flow.processes import Process, descendants, marked, still_running

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120.0
STOP_SECONDS = 30.0
_numbers = count(1)


class RunningHub:
    def __init__(self, data: Path, settings: Mapping[str, str]) -> None:
        self.data = data
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data.parent / f"{data.name}.log"
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PORT": str(self.port),
            "SAYHOOK_DATA": str(data),
            "SAYHOOK_SPEAK_WORKERS": "1",
            **settings,
        }
        with self.log.open("wb") as log:
            self.supervisor = subprocess.Popen(
                [sys.executable, "-m", "hub", "serve", "--stop-with-parent"],
                cwd=data.parent,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_ready(self, seconds: float = START_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            assert self.supervisor.poll() is None, f"the hub stopped while starting:\n{self.log_tail()}"
            assert time.monotonic() < deadline, f"not ready after {seconds:.0f} s:\n{self.log_tail()}"
            time.sleep(0.2)

    def is_ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def command(self, *arguments: str) -> str:
        """What `sayhook ARGUMENTS` prints beside this hub."""
        done = subprocess.run(
            [sys.executable, "-m", "hub", *arguments],
            cwd=self.data.parent,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def new_account(self, *, plan: str = "trial", credits: int = 0) -> ApiAccount:
        """A fresh account; `credits` are granted on top of the 500 that every account starts with."""
        email = f"tester{next(_numbers)}.{os.getpid()}@example.com"
        made = json.loads(self.command("accounts", "create", "--email", email, "--plan", plan, "--json"))
        if credits:
            self.command("credits", "grant", "--email", email, "--credits", str(credits))
        return ApiAccount(self.url, made["account_id"], made["email"], made["api_key"])

    def child(self, *words: str) -> Process:
        """The one child whose command line holds all `words`."""
        found = [child for child in self.children() if all(word in child.command for word in words)]
        assert len(found) == 1, f"{words} among {self.children()}"
        return found[0]

    def children(self) -> tuple[Process, ...]:
        return descendants(self.supervisor.pid)

    def kill(self, *words: str) -> Process:
        """kill -9, as the kernel does when memory runs out."""
        victim = self.child(*words)
        os.kill(victim.pid, signal.SIGKILL)
        return victim

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends the hub as a service manager would, and demands that nothing of it is left."""
        family = (*self.children(), *self._marked())
        self.supervisor.send_signal(how)
        try:
            self.supervisor.wait(STOP_SECONDS)
        finally:
            self.supervisor.kill()
            self.supervisor.wait()
            left = still_running(tuple({*family, *self._marked()}))
            for process in left:
                os.kill(process.pid, signal.SIGKILL)
        assert not left, f"left behind after the hub stopped: {left}"
        assert self.supervisor.returncode == 0, self.log_tail()

    def _marked(self) -> tuple[Process, ...]:
        return marked(f"SAYHOOK_DATA={self.data}")

    def log_tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-40:])


@contextmanager
def running_hub(data: Path, **settings: str) -> Iterator[RunningHub]:
    hub = RunningHub(data, settings)
    try:
        hub.wait_ready()
        yield hub
    finally:
        hub.stop()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
