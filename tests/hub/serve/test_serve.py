"""`sayhook serve`, whole: first start, second start, crashes, refusals and every way to stop.

A hub that is asked to stop in an orderly way is in `tests.flow.running_hub`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hub.serve.listen import listen
from hub.serve.readiness import status_of
from tests.hub.cli.conftest import Sayhook, data, sayhook
from tests.hub.serve.processes import is_alive, wait_until
from tests.hub.serve.running import START_SECONDS, ServedHub, served

__all__ = ["data", "sayhook"]

pytestmark = [pytest.mark.xdist_group("serve"), pytest.mark.timeout(300)]


def test_it_starts_heals_and_starts_again_after_a_crash_without_a_trace(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    with served(tmp_path, port=port) as hub:
        assert hub.url == f"http://127.0.0.1:{port}"
        assert hub.is_ready()
        assert (tmp_path / "data" / "sayhook.db").exists()
        key = hub.key
        assert f"KEY={key} HUB={hub.url}\n" in hub.said()
        family = hub.children()
        assert len(family) == 4

        second = refused(hub)
        assert f"Another Sayhook (process {hub.process.pid}) already runs on the data folder" in second

        (worker,) = hub.children("worker --queue speak")
        os.kill(worker, signal.SIGKILL)
        hub.wait_for("The speak worker stopped (killed by SIGKILL); starting it again in 0.5 s.")
        wait_until(lambda: worker not in hub.children("speak") and hub.is_ready(), seconds=START_SECONDS)

        (web,) = hub.children("hub web")
        os.kill(web, signal.SIGKILL)
        wait_until(lambda: not is_alive(web))
        # While the web process restarts, requests wait instead of being refused.
        assert status_of("127.0.0.1", port, "/healthz", timeout=60) == 200

        family += hub.children()
        hub.process.kill()
        hub.process.wait()
        wait_until(lambda: not any(is_alive(pid) for pid in family), seconds=5)
        assert hub.children() == []

    started = time.monotonic()
    with served(tmp_path, port=port) as again:
        assert key not in again.said()
        assert "keys create" in again.said()
        assert time.monotonic() - started < START_SECONDS
        (worker,) = again.children("worker --queue speak")
        os.kill(worker, signal.SIGSTOP)
        again.process.send_signal(signal.SIGINT)
        again.wait_for("Stopping (Ctrl-C again stops at once).")
        assert again.stop(signal.SIGINT) == 130
        assert "Stopped at once." in again.said()
        assert again.children() == []


def refused(hub: ServedHub) -> str:
    """What a second `serve` on the same data folder says on standard error, exit code 1."""
    done = subprocess.run(
        [sys.executable, "-m", "hub", "serve"],
        cwd=hub.folder,
        env=hub.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    return done.stderr


def test_an_interrupt_while_starting_stops_everything(tmp_path: Path) -> None:
    hub = ServedHub(tmp_path)
    try:
        hub.wait_for("Starting the queue")
        wait_until(lambda: bool(hub.children()), seconds=START_SECONDS)
        assert hub.stop(signal.SIGINT) == 0
        assert hub.children() == []
        assert "running at" not in hub.said()
    finally:
        hub.process.kill()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"PORT": "{taken}"},
            "Port {taken} on 127.0.0.1 is in use by another program; stop that, or choose PORT=",
        ),
        ({"SAYHOOK_DATA": "/proc/nowhere"}, "The data folder /proc/nowhere is not writable"),
        ({"SAYHOOK_MODELS": "/proc/models"}, "The models folder /proc/models cannot be used"),
        ({"SAYHOOK_HOST": "192.0.2.1"}, "Cannot listen on 192.0.2.1"),
        ({"SAYHOOK_SECRET_KEY": "short"}, "SAYHOOK_SECRET_KEY must hold keys of at least 32 characters"),
        ({"SAYHOOK_DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}, "The database does not answer"),
        ({"SAYHOOK_REDIS_URL": "redis://127.0.0.1:1/0"}, "The queue at SAYHOOK_REDIS_URL does not answer"),
    ],
)
def test_what_keeps_it_from_starting_is_one_sentence(
    sayhook: Sayhook, change: dict[str, str], sentence: str
) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        changed = {name: value.format(taken=port) for name, value in change.items()}
        done = sayhook("serve", **{"PORT": "0", **changed})
    assert done.code == 1
    assert done.err.startswith(sentence.format(taken=port))
    assert done.err.count("\n") == 1
