"""The data folder: made if absent, proven writable, and held by one supervisor at a time."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from hub.serve.failure import AlreadyRunning, FolderUnusable

LEAST_FREE_BYTES = 200_000_000
LOCK = "serve.lock"


def prepare(folder: Path) -> None:
    """Makes the folder (mode 0700) and tries a write; raises `FolderUnusable`."""
    probe = folder / f".probe-{os.getpid()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        raise FolderUnusable(_sentence(folder, error)) from error
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise FolderUnusable(
            f"The disk of the data folder {folder} is nearly full ({free / 1e6:.0f} MB left); "
            "free some space, or set SAYHOOK_DATA to a folder on another disk."
        )


def _sentence(folder: Path, error: OSError) -> str:
    mend = "set SAYHOOK_DATA to a folder you may write to"
    if error.errno == errno.ENOSPC:
        return (
            f"The disk of the data folder {folder} is full; free some space, or set SAYHOOK_DATA elsewhere."
        )
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return f"The data folder {folder} is not a folder; {mend}."
    return f"The data folder {folder} is not writable ({error.strerror}); {mend}."


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Locks the folder until the block ends, or until this process dies however it dies."""
    with (folder / LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning(
                f"Another Sayhook (process {holder(folder) or 'unknown'}) already runs on the data folder "
                f"{folder}; stop it first, or give this one its own folder with SAYHOOK_DATA."
            ) from error
        lock.seek(0)
        lock.truncate()
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def holder(folder: Path) -> int | None:
    """The process id written by whoever holds, or last held, the folder."""
    try:
        return int((folder / LOCK).read_text())
    except (OSError, ValueError):
        return None


def is_held(folder: Path) -> bool:
    try:
        with (folder / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
