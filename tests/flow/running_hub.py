"""A hub started by `python -m hub serve` on a free port with a data folder of its own."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import TypeVar

import requests
from sqlalchemy.ext.asyncio import AsyncSession

from hub.accounts import create_account, create_key
from hub.hub import utc_now
from hub.money import grant
from hub.secrets import load_secrets
from hub.settings import Settings
from hub.store.database import Database
from tests.flow.api_account import ApiAccount
from tests.flow.processes import Process, descendants, is_stopped, marked, still_running

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120.0
STOP_SECONDS = 30.0
_numbers = count(1)
T = TypeVar("T")


class RunningHub:
    def __init__(self, data: Path, settings: Mapping[str, str]) -> None:
        self.data = data
        self.port = free_port()
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

    def new_account(self, *, plan: str = "trial", credits: int = 0) -> ApiAccount:
        """A fresh account; `credits` are granted on top of the 500 that every account starts with.

        It is written straight into the hub's database, as `sayhook accounts create` does.
        """
        email, now = f"tester{next(_numbers)}.{os.getpid()}@example.com", utc_now()

        async def made(session: AsyncSession) -> tuple[str, str]:
            secrets = load_secrets(Settings(data=self.data, _env_file=None))
            account = await create_account(session, email=email, plan=plan, now=now, secrets=secrets)
            key = await create_key(session, account_id=account.id, name="First key", now=now)
            if credits:
                await grant(session, account_id=account.id, credits=credits, note="test", now=now)
            return account.id, key.secret

        account_id, secret = self.written(made)
        return ApiAccount(self.url, account_id, email, secret)

    def written(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """What `work` made, in one transaction: a command that does the same loads for a second or two."""
        with ThreadPoolExecutor(1) as aside:  # the caller may be on an event loop of its own
            return aside.submit(asyncio.run, self._written(work)).result()

    async def _written(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        database = Database(Settings(data=self.data, _env_file=None).resolved_database_url)
        try:
            async with database.transaction() as session:
                return await work(session)
        finally:
            await database.close()

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

    @contextmanager
    def paused(self, *words: str) -> Iterator[None]:
        """Holds this child up for a moment; its parent sees nothing of it.

        Not while it writes into the database, or has its turn to: nobody else could until it goes on.
        """
        held = self.child(*words)
        with self._nobody_writes():
            os.kill(held.pid, signal.SIGSTOP)
            while not is_stopped(held.pid):
                time.sleep(0.01)
        try:
            yield
        finally:
            os.kill(held.pid, signal.SIGCONT)

    @contextmanager
    def _nobody_writes(self) -> Iterator[None]:
        """Holds both locks of `hub.store.turns`, in the order in which those who wait take them."""
        with ExitStack() as held:
            for lock in ("next", "turn"):
                file = held.enter_context((self.data / f"sayhook.db-{lock}").open("rb"))
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

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
        assert self.log_tail().endswith("Stopped."), self.log_tail()

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


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
