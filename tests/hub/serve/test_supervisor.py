"""The supervisor with real processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hub.serve.backoff import Backoff
from hub.serve.child import Program
from hub.serve.failure import ChildFailed
from hub.serve.supervisor import CRASHES_BEFORE_READY, Supervisor
from tests.hub.serve.processes import SLEEPER, STUBBORN, is_alive, python_program, wait_until

QUICK = Backoff(first=0.05, longest=0.2)


class Scene:
    def __init__(self) -> None:
        self.said: list[str] = []
        self.supervisors: list[Supervisor] = []

    def supervise(self, *programs: Program) -> Supervisor:
        supervisor = Supervisor(programs, report=self.said.append, backoff=QUICK)
        self.supervisors.append(supervisor)
        return supervisor


@pytest.fixture
def scene() -> Iterator[Scene]:
    scene = Scene()
    yield scene
    for supervisor in scene.supervisors:
        supervisor.stop(lambda: True)


def wait_ticking(supervisor: Supervisor, condition: Callable[[], bool]) -> None:
    def tick_and_look() -> bool:
        supervisor.tick()
        return condition()

    wait_until(tick_and_look)


def run_until_up(supervisor: Supervisor) -> dict[str, int]:
    wait_ticking(supervisor, lambda: supervisor.all_running)
    supervisor.has_been_ready = True
    return supervisor.processes()


def test_a_killed_program_is_started_again_and_said_so(scene: Scene) -> None:
    supervisor = scene.supervise(python_program("speak worker", SLEEPER))
    first = run_until_up(supervisor)["speak worker"]

    os.kill(first, signal.SIGKILL)
    wait_ticking(supervisor, lambda: bool(scene.said))
    second = run_until_up(supervisor)["speak worker"]

    assert second != first
    assert scene.said == ["The speak worker stopped (killed by SIGKILL); starting it again in 0.05 s."]


def test_a_program_that_ends_without_error_is_started_again_too(scene: Scene) -> None:
    supervisor = scene.supervise(python_program("web process", "raise SystemExit(0)"))
    supervisor.has_been_ready = True

    wait_ticking(supervisor, lambda: len(scene.said) >= 2)

    assert scene.said[0] == "The web process stopped (exit code 0); starting it again in 0.05 s."
    assert scene.said[1] == "The web process stopped (exit code 0); starting it again in 0.1 s."


def test_a_program_that_never_starts_ends_the_attempt_with_a_reason(scene: Scene) -> None:
    supervisor = scene.supervise(python_program("web process", "raise SystemExit(3)"))

    with pytest.raises(ChildFailed, match=r"The web process stops each time .*exit code 3.*sayhook check"):
        wait_ticking(supervisor, lambda: False)

    assert len(scene.said) == CRASHES_BEFORE_READY


def test_a_later_tier_waits_until_the_earlier_one_is_ready(scene: Scene, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    supervisor = scene.supervise(
        python_program("worker", SLEEPER, tier=1),
        replace(python_program("queue", SLEEPER), ready=ready.exists),
    )

    for _ in range(5):
        supervisor.tick()
    assert list(supervisor.processes()) == ["queue"]

    ready.touch()
    assert set(run_until_up(supervisor)) == {"queue", "worker"}


def test_stopping_goes_from_the_last_tier_to_the_first(scene: Scene, tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = (
        "import signal, sys, time\n"
        "def stop(*_):\n"
        "    open(sys.argv[1], 'a').write(sys.argv[2] + '\\n'); sys.exit()\n"
        "signal.signal(signal.SIGTERM, stop); open(sys.argv[1] + sys.argv[2], 'w').close(); time.sleep(600)"
    )

    def program(name: str, tier: int) -> Program:
        plain = python_program(name, script, tier=tier)
        return Program(name, (*plain.command, str(log), name), tier)

    supervisor = scene.supervise(program("queue", 0), program("worker", 1), program("web", 2))
    pids = run_until_up(supervisor)
    wait_until(lambda: all(Path(f"{log}{name}").exists() for name in pids))

    assert supervisor.stop() is True
    assert log.read_text().split() == ["web", "worker", "queue"]
    assert not any(is_alive(pid) for pid in pids.values())


def test_a_program_that_ignores_the_request_is_killed_after_its_grace(scene: Scene) -> None:
    supervisor = scene.supervise(python_program("worker", STUBBORN, grace=0.3))
    pid = run_until_up(supervisor)["worker"]
    wait_until(lambda: ignores_sigterm(pid))

    assert supervisor.stop() is True
    assert not is_alive(pid)
    assert scene.said == ["The worker did not stop in 0.3 s and was killed."]


def test_a_second_request_kills_at_once(scene: Scene) -> None:
    supervisor = scene.supervise(
        python_program("worker", STUBBORN, grace=600.0), python_program("queue", SLEEPER, tier=-1)
    )
    pids = run_until_up(supervisor)
    wait_until(lambda: ignores_sigterm(pids["worker"]))

    assert supervisor.stop(hurry=lambda: True) is False
    assert not any(is_alive(pid) for pid in pids.values())


def test_what_a_crashed_program_started_ends_with_it(scene: Scene, tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    script = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {SLEEPER!r}])\n"
        f"open({str(note)!r}, 'w').write(str(child.pid)); time.sleep(600)"
    )
    supervisor = scene.supervise(python_program("worker", script))
    pid = run_until_up(supervisor)["worker"]
    wait_until(lambda: note.exists() and bool(note.read_text()))
    grandchild = int(note.read_text())

    os.kill(pid, signal.SIGKILL)
    wait_ticking(supervisor, lambda: not is_alive(grandchild))


def test_a_crash_is_told_to_the_program(scene: Scene) -> None:
    crashes: list[int] = []
    program = python_program("queue", "raise SystemExit(1)")
    supervisor = scene.supervise(replace(program, on_crash=crashes.append))
    supervisor.has_been_ready = True

    wait_ticking(supervisor, lambda: len(crashes) == 3)

    assert crashes == [1, 2, 3]


def ignores_sigterm(pid: int) -> bool:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("SigIgn:"):
            return bool(int(line.split()[1], 16) & 1 << (signal.SIGTERM - 1))
    return False


@pytest.mark.parametrize(("crashes", "pause"), [(1, 0.5), (2, 1.0), (3, 2.0), (7, 30.0), (1000, 30.0)])
def test_pauses_double_up_to_a_limit(crashes: int, pause: float) -> None:
    assert Backoff().pause(crashes) == pause


def test_a_long_healthy_run_is_forgiven() -> None:
    assert Backoff().crashes(5, ran_for=59.0) == 6
    assert Backoff().crashes(5, ran_for=60.0) == 1
