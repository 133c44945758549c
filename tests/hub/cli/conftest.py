"""The command line as a person runs it: its own data folder, what it prints, its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from hub.cli import main
from tests.databases import Prepare

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Outcome:
    code: int
    out: str
    err: str


Sayhook = Callable[..., Outcome]


def _environment(folder: Path) -> dict[str, str]:
    return {"SAYHOOK_DATA": str(folder / "data"), "COLUMNS": "120", "NO_COLOR": "1"}


@pytest.fixture
def data(tmp_path: Path, prepare_sqlite: Prepare) -> Path:
    """A data folder with an up-to-date database: each command would go through all migrations first."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    prepare_sqlite(folder)
    return folder


@pytest.fixture
def sayhook(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sayhook:
    """`sayhook ARGUMENTS` on a data folder of its own; keywords are environment variables, `typed` is what it
    reads.

    It runs in this process, from the same `main` that the installed command calls: starting a process takes
    longer than the work.
    """

    def run(*arguments: str, typed: str = "", **environment: str) -> Outcome:
        out, err = StringIO(), StringIO()
        with monkeypatch.context() as here, redirect_stdout(out), redirect_stderr(err):
            here.chdir(tmp_path)
            here.setattr(sys, "argv", ["sayhook", *arguments])
            here.setattr(sys, "stdin", StringIO(typed))
            for name, value in {**_environment(tmp_path), **environment}.items():
                here.setenv(name, value)
            with pytest.raises(SystemExit) as left:
                main()
        code = left.value.code
        assert isinstance(code, int)
        return Outcome(code, out.getvalue(), err.getvalue())

    return run


@pytest.fixture
def sayhook_process(tmp_path: Path) -> Sayhook:
    """The same as a process of its own."""

    def run(*arguments: str, **environment: str) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "hub", *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), **_environment(tmp_path), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert "Traceback" not in done.stderr
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run
