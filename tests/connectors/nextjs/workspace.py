"""The npm package and the example app in a folder of this machine's cache, with their packages installed.

What is installed is kept as long as the lock files stay the same; the sources are copied anew each time.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).parents[3]
PACKAGE, EXAMPLE = "manifests/nextjs", "examples/nextjs-blog"
_KEPT = frozenset({"node_modules", ".next", "dist"})
_QUIET = ("--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error")


@dataclass(frozen=True)
class Workspace:
    folder: Path

    @property
    def package(self) -> Path:
        return self.folder / PACKAGE

    @property
    def example(self) -> Path:
        return self.folder / EXAMPLE

    def npm(self, folder: Path, *arguments: str, more: Mapping[str, str] | None = None) -> str:
        """What an npm command prints; it must succeed."""
        npm = shutil.which("npm")
        assert npm, "npm is missing: install nodejs and npm"
        environment = {**os.environ, "NEXT_TELEMETRY_DISABLED": "1", "CI": "1", **(more or {})}
        done = subprocess.run(
            [npm, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=280
        )
        assert done.returncode == 0, (
            f"npm {' '.join(arguments)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        )
        return done.stdout

    def install(self, folder: Path) -> None:
        """`npm ci`, unless it was done for this very lock file."""
        lock = (folder / "package-lock.json").read_bytes()
        done = folder / "node_modules" / ".installed"
        if not done.is_file() or done.read_bytes() != lock:
            self.npm(folder, "ci", *_QUIET)
            done.write_bytes(lock)


@contextmanager
def opened() -> Iterator[Workspace]:
    """The workspace, for one process at a time, with this tree's sources."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sayhook-tests"
    locks = [(ROOT / name / "package-lock.json").read_bytes() for name in (PACKAGE, EXAMPLE)]
    folder = cache / f"nextjs-{hashlib.sha256(b''.join(locks)).hexdigest()[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock", timeout=280):
        for name in (PACKAGE, EXAMPLE):
            _copy(ROOT / name, folder / name)
        shutil.copyfile(ROOT / "manifests/openapi.json", folder / "manifests/openapi.json")
        yield Workspace(folder)


def _copy(source: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.name in _KEPT:
            continue
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*_KEPT, "schema.ts"))
