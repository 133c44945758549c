"""Packages of npm for tests: installed once for each `package.json`, kept in this machine's cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from filelock import FileLock

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sayhook-tests"
QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error")


def npm(folder: Path, *arguments: str, seconds: float = 240) -> str:
    """What an npm command prints; it must succeed."""
    program = shutil.which("npm")
    assert program, "npm is missing: install nodejs and npm"
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, timeout=seconds)
    assert done.returncode == 0, f"npm {' '.join(arguments)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def install(folder: Path) -> None:
    """`npm install` in `folder`, or a link to what it made before for the same `package.json`."""
    manifest = (folder / "package.json").read_bytes()
    kept = CACHE / f"npm-{hashlib.sha256(manifest).hexdigest()[:16]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{kept}.lock", timeout=250):
        if not kept.is_dir():
            unfinished = kept.with_suffix(".new")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            (unfinished / "package.json").write_bytes(manifest)
            npm(unfinished, "install", *QUIET)
            unfinished.rename(kept)
    (folder / "node_modules").symlink_to(kept / "node_modules", target_is_directory=True)


def installed(source: Path, folder: Path) -> Path:
    """A copy of `source` as the new `folder`, with its packages."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("node_modules"))
    install(folder)
    return folder


def fetched(package: str) -> Path:
    """The folder of one `package@version` and nothing it depends on, as it is published."""
    kept = CACHE / package.replace("/", "-")
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{kept}.lock", timeout=250):
        if not kept.is_dir():
            unfinished = kept.with_name(f"{kept.name}.new")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            npm(unfinished, "pack", package, *QUIET)
            (archive,) = unfinished.glob("*.tgz")
            shutil.unpack_archive(archive, unfinished, filter="data")
            archive.unlink()
            unfinished.rename(kept)
    return kept / "package"
