"""A real PostgreSQL for the store's tests: a private cluster in a temporary folder, gone afterwards."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest


def _binary(name: str) -> str:
    """PostgreSQL's server programs are often not on the PATH (Debian keeps them in a folder a version)."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    found = [str(folder / name) for folder in folders if (folder / name).exists()]
    path = found[-1] if found else shutil.which(name)
    assert path, f"{name} is missing: install PostgreSQL's server (Debian: apt-get install postgresql)"
    return path


def _as_postgres(command: list[str]) -> list[str]:
    """The server refuses to run as root; Debian's package brings a user for it."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a running server, without a database name.

    Its folder is not pytest's: every run of pytest closes that one's parent to users other than its own.
    """
    with tempfile.TemporaryDirectory(prefix="sayhook-postgres-", ignore_cleanup_errors=True) as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        yield from _served(Path(folder) / "cluster")


def _served(cluster: Path) -> Iterator[str]:
    _run([_binary("initdb"), "-D", str(cluster), "-U", "sayhook", "--auth=trust", "--no-sync", "-E", "UTF8"])
    port = _free_port()
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off "
        "-c max_connections=200"
    )
    control = [_binary("pg_ctl"), "-D", str(cluster), "-w", "-l", str(cluster / "log")]
    _run([*control, "-o", options, "start"])
    try:
        yield f"postgresql+asyncpg://sayhook@127.0.0.1:{port}"
    finally:
        subprocess.run(_as_postgres([*control, "-m", "immediate", "stop"]), capture_output=True, cwd="/")


def new_database(server: str, *, template: str = "template1") -> str:
    """The URL of a new database: an empty one, or a copy of `template`."""
    name = f"t{uuid4().hex}"
    host, port = server.rsplit("@", 1)[1].split(":")
    _run([_binary("createdb"), "-h", host, "-p", port, "-U", "sayhook", "-T", template, name])
    return f"{server}/{name}"


def _run(command: list[str]) -> None:
    done = subprocess.run(_as_postgres(command), capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stdout + done.stderr
