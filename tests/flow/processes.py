"""What runs on this machine, read from /proc: the children of a hub, and how much memory they hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Process:
    """`started` (clock ticks after boot) tells a process from a later one with the same number."""

    pid: int
    parent: int
    started: int
    command: str


def running() -> Iterator[Process]:
    """Every process that is not a zombie."""
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            process = _read(folder)
            if process is not None:
                yield process


def _read(folder: Path) -> Process | None:
    try:
        stat = (folder / "stat").read_text()
        command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    if fields[0] in "ZX":
        return None
    return Process(int(folder.name), int(fields[1]), int(fields[19]), command)


def descendants(pid: int) -> tuple[Process, ...]:
    """The children of `pid`, their children, and so on."""
    everything = tuple(running())
    family = {pid}
    found: list[Process] = []
    while True:
        born = [process for process in everything if process.parent in family and process.pid not in family]
        if not born:
            return tuple(found)
        found += born
        family |= {process.pid for process in born}


def is_stopped(pid: int) -> bool:
    """Whether SIGSTOP has reached every thread of it."""
    states = [
        (thread / "stat").read_text().rpartition(")")[2].split()[0]
        for thread in (PROC / str(pid) / "task").iterdir()
    ]
    return set(states) == {"T"}


def marked(setting: str) -> tuple[Process, ...]:
    """Processes whose environment holds `setting` (`NAME=value`), wherever they hang in the tree."""
    return tuple(process for process in running() if setting in _environment(process.pid))


def _environment(pid: int) -> list[str]:
    try:
        return (PROC / str(pid) / "environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def still_running(processes: tuple[Process, ...]) -> tuple[Process, ...]:
    now = {(process.pid, process.started) for process in running()}
    return tuple(process for process in processes if (process.pid, process.started) in now)


def resident_bytes(pid: int) -> int:
    """Memory of the process that is in RAM, as `VmRSS` counts it."""
    for line in (PROC / str(pid) / "status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"process {pid} has no memory of its own")
