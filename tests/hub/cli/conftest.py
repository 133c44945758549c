"""The command line as a person runs it: another process, its own data folder, its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Outcome:
    code: int
    out: str
    err: str


Sayhook = Callable[..., Outcome]


@pytest.fixture
def sayhook(tmp_path: Path) -> Sayhook:
    """Runs `sayhook ARGUMENTS` on a data folder of its own; keywords are environment variables."""

    def run(*arguments: str, **environment: str) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "hub", *arguments],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "SAYHOOK_DATA": str(tmp_path / "data"),
                "COLUMNS": "120",
                "NO_COLOR": "1",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert "Traceback" not in done.stderr
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run
