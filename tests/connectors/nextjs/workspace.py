"""The npm package and the example app in a folder of their own, with their packages installed.

What `npm ci` installs is kept in this machine's cache for as long as the lock file stays the same, and linked
into the folder of each run; what the builds make is kept for as long as their sources stay the same.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from tests.npm import CACHE

ROOT = Path(__file__).parents[3]
PACKAGE, EXAMPLE = "manifests/nextjs", "examples/nextjs-blog"
_BUILT = frozenset({"node_modules", ".next", "dist", "schema.ts", "data"})
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
        """`npm ci`, or what it made before for this very lock file."""
        lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()[:16]
        kept, modules = CACHE / f"npm-{lock}", folder / "node_modules"
        CACHE.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{kept}.lock", timeout=250):
            if not kept.is_dir():
                self.npm(folder, "ci", *_QUIET)
                unfinished = kept.with_suffix(".new")
                shutil.rmtree(unfinished, ignore_errors=True)
                _link(modules, unfinished)
                unfinished.rename(kept)
                return
        _link(kept, modules)

    def build_package(self) -> None:
        self._build(self.package, "dist", "src/schema.ts", of=[self.folder / "manifests/openapi.json"])

    def build_example(self) -> None:
        self._build(self.example, ".next", of=[self.example / "node_modules" / "@sayhook" / "next" / "dist"])

    def _build(self, folder: Path, *made: str, of: Sequence[Path]) -> None:
        """`npm run build`, or what it made before of these very sources and packages."""
        kept = CACHE / f"{folder.name}-{_fingerprint(folder, *of)}"
        with FileLock(f"{kept}.lock", timeout=250):
            if not kept.is_dir():
                self.npm(folder, "run", "build")
                unfinished = kept.with_suffix(".new")
                shutil.rmtree(unfinished, ignore_errors=True)
                _copy(made, folder, unfinished)
                unfinished.rename(kept)
                return
        _copy(made, kept, folder)

    def ship_package(self, folder: Path) -> None:
        """The package as it is built now, where `npm ci` put what it was when its packages were installed."""
        shipped = folder / "node_modules" / "@sayhook" / "next"
        shutil.rmtree(shipped / "dist", ignore_errors=True)
        shutil.copytree(self.package / "dist", shipped / "dist")


def copied(folder: Path) -> Workspace:
    """A workspace in `folder` with this tree's sources."""
    for name in (PACKAGE, EXAMPLE):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(*_BUILT))
    shutil.copyfile(ROOT / "manifests/openapi.json", folder / "manifests/openapi.json")
    return Workspace(folder)


def _fingerprint(*folders: Path) -> str:
    """Of these files and every one in these folders, but for what is installed or built there."""
    found = hashlib.sha256()
    for folder in folders:
        for top in sorted(folder.iterdir()) if folder.is_dir() else [folder]:
            files = sorted(top.rglob("*")) if top.is_dir() and top.name not in _BUILT else [top]
            for file in filter(Path.is_file, files):
                found.update(
                    f"{file.relative_to(folder)}\0{file.stat().st_size}\0".encode() + file.read_bytes()
                )
    return found.hexdigest()[:16]


def _copy(names: Sequence[str], source: Path, folder: Path) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, folder / name, ignore=shutil.ignore_patterns("cache"))
        else:
            shutil.copyfile(source / name, folder / name)


def _link(source: Path, folder: Path) -> None:
    shutil.copytree(source, folder, symlinks=True, copy_function=_linked)


def _linked(source: str, copy: str) -> None:
    try:
        os.link(source, copy)
    except OSError:  # another disk
        shutil.copy2(source, copy)
