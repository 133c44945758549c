"""Builds what platforms install: one archive for each folder here, with the same bytes every time.

    python manifests/archives.py [--hub https://voice.example.org] [--to dist/manifests] [NAME ...]

A folder with a public npm package becomes `<package>-<version>.tgz`, built first; a WordPress plugin becomes
a zip whose folder is the plugin's; every other folder becomes `sayhook-<name>.zip`. `--hub` puts your hub's
address in place of `https://voice.example.com`. Needs Python alone, and npm for the package.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
EXAMPLE_HUB = "https://voice.example.com"

_LEFT_OUT = frozenset({"node_modules", "test", "tests", "dist", "build", "__pycache__"})
_OLDEST = (1980, 1, 1, 0, 0, 0)
_NPM_TIME = 499162500
"""What npm itself gives all files of a package: 26 October 1985, 08:15 UTC."""
_PLUGIN = re.compile(rb"^[ \t/*#@]*Plugin Name:", re.MULTILINE)
_HUB = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+")

Contents = Mapping[str, bytes]


class Unbuildable(Exception):
    """Says what is missing and what to do."""


def build(names: list[str], to: Path, *, hub: str = EXAMPLE_HUB, home: Path = HERE) -> list[Path]:
    """The archives, by name. Raises Unbuildable, also for a folder that is not there."""
    folders = [home / name for name in names] or sorted(one for one in home.iterdir() if _is_ours(one))
    if missing := [folder.name for folder in folders if not folder.is_dir()]:
        known = ", ".join(sorted(one.name for one in home.iterdir() if _is_ours(one)))
        raise Unbuildable(f"There is no {missing[0]} in manifests/; there are {known}.")
    to.mkdir(parents=True, exist_ok=True)
    return [_archived(folder, to, hub) for folder in folders]


def _is_ours(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith((".", "_"))


def _archived(folder: Path, to: Path, hub: str) -> Path:
    package = _package(folder)
    if package and not package.get("private"):
        return _npm(folder, package, to, hub)
    contents = dict(_contents(folder, hub))
    top = _plugin(contents) or f"sayhook-{folder.name}"
    path = to / f"sayhook-{folder.name}.zip"
    path.write_bytes(_zip({f"{top}/{name}": data for name, data in contents.items()}))
    return path


def _package(folder: Path) -> dict[str, Any]:
    path = folder / "package.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return found


def _contents(folder: Path, hub: str, left_out: frozenset[str] = _LEFT_OUT) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part in left_out or part.startswith(".") for part in parts):
            yield "/".join(parts), _addressed(path.read_bytes(), hub)


def _addressed(data: bytes, hub: str) -> bytes:
    return data.replace(EXAMPLE_HUB.encode(), hub.encode())


def _plugin(contents: Contents) -> str | None:
    """The folder WordPress wants: the name of the plugin's main file."""
    for name, data in contents.items():
        if "/" not in name and name.endswith(".php") and _PLUGIN.search(data[:8192]):
            return name.removesuffix(".php")
    return None


def _zip(contents: Contents) -> bytes:
    """Stored, not compressed: bytes that depend on no library's version."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, _OLDEST)
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            archive.writestr(entry, contents[name])
    return file.getvalue()


def _npm(folder: Path, package: dict[str, Any], to: Path, hub: str) -> Path:
    """As `npm pack` would: what `files` names, and what npm always takes along."""
    named = [str(name).strip("./") for name in package.get("files", [])]
    if "build" in package.get("scripts", {}):
        _build(folder)
    contents = dict(_contents(folder, hub, _LEFT_OUT - {"dist", "build"}))
    taken = {
        f"package/{name}": data
        for name, data in contents.items()
        if any(name == one or name.startswith(f"{one}/") for one in named)
        or name.lower() in ("package.json", "readme.md", "license", "changelog.md")
    }
    path = to / f"{package['name'].removeprefix('@').replace('/', '-')}-{package['version']}.tgz"
    path.write_bytes(_tgz(taken))
    return path


def _build(folder: Path) -> None:
    """Always anew: what an older source was built into must not be sent."""
    npm = shutil.which("npm")
    if npm is None:
        raise Unbuildable(f"manifests/{folder.name} has to be built, and npm is missing: install Node.js.")
    shutil.rmtree(folder / "dist", ignore_errors=True)
    lock = folder / "package-lock.json"
    steps = [] if _is_installed(folder, lock) else [["ci" if lock.is_file() else "install"]]
    for step in [*steps, ["run", "build"]]:
        done = subprocess.run([npm, *step], cwd=folder, capture_output=True, text=True)  # noqa: S603 - npm
        if done.returncode:
            said = (done.stderr or done.stdout).strip()[-2000:]
            raise Unbuildable(f"npm {' '.join(step)} failed in manifests/{folder.name}:\n{said}")


def _is_installed(folder: Path, lock: Path) -> bool:
    """Whether what is installed is not older than what is wanted."""
    installed = folder / "node_modules" / ".package-lock.json"
    return installed.is_file() and lock.is_file() and installed.stat().st_mtime >= lock.stat().st_mtime


def _tgz(contents: Contents) -> bytes:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted(contents):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.mode = len(contents[name]), _NPM_TIME, 0o644
            archive.addfile(entry, io.BytesIO(contents[name]))
    return gzip.compress(tar.getvalue(), compresslevel=0, mtime=0)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make manifests", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="a folder of manifests/; all without one")
    parser.add_argument("--hub", default=EXAMPLE_HUB, help="your hub's address")
    parser.add_argument("--to", type=Path, default=HERE.parent / "dist" / "manifests", help="where they go")
    given = parser.parse_args(arguments)
    hub = (given.hub or EXAMPLE_HUB).rstrip("/")
    if not _HUB.fullmatch(hub):
        parser.error("--hub must be an address such as https://voice.example.org")
    try:
        made = build(given.names, given.to, hub=hub)
    except Unbuildable as error:
        print(error, file=sys.stderr)
        return 1
    for path in made:
        print(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
