"""The data folder and its lock."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from hub.serve import folder
from hub.serve.failure import AlreadyRunning, FolderUnusable

Usage = namedtuple("Usage", "total used free")


def test_a_new_folder_is_private_and_left_clean(tmp_path: Path) -> None:
    data = tmp_path / "deep" / "data"
    folder.prepare(data)
    assert data.stat().st_mode & 0o777 == 0o700
    assert list(data.iterdir()) == []


def test_a_file_in_its_place_is_refused_with_the_mend(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.touch()
    with pytest.raises(FolderUnusable, match=r"is not a folder; set SAYHOOK_DATA"):
        folder.prepare(data)


def test_a_folder_one_may_not_write_is_refused_with_the_mend() -> None:
    with pytest.raises(FolderUnusable, match=r"/proc/sayhook is not writable .*; set SAYHOOK_DATA"):
        folder.prepare(Path("/proc/sayhook"))


def test_a_full_disk_is_refused_with_the_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 10**12, 10**6))
    with pytest.raises(FolderUnusable, match=r"nearly full \(1 MB left\); free some space"):
        folder.prepare(tmp_path)


def test_a_second_holder_is_refused_and_told_who_holds(tmp_path: Path) -> None:
    with folder.hold(tmp_path):
        assert folder.is_held(tmp_path)
        with (
            pytest.raises(AlreadyRunning, match=rf"process {os.getpid()}\).*SAYHOOK_DATA"),
            folder.hold(tmp_path),
        ):
            pass
    assert not folder.is_held(tmp_path)
    with folder.hold(tmp_path):
        pass


def test_a_killed_holder_lets_go(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from hub.serve import folder\n"
        "with folder.hold(Path(sys.argv[1])): print('held', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert folder.is_held(tmp_path)
        assert folder.holder(tmp_path) == holder.pid
        holder.kill()
    assert not folder.is_held(tmp_path)
