"""Programs as each language's users write them, with nothing changed but base URL and key."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import soundfile

from tests.flow.api_account import ApiAccount
from tests.flow.running_hub import RunningHub
from tests.npm import install

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class QuickStart:
    """`package` is the Debian package that brings the tool `program`."""

    folder: str
    program: str
    package: str
    arguments: Sequence[str]

    def run(self, folder: Path, account: ApiAccount, reference: Path) -> dict[str, Any]:
        done = subprocess.run(
            [self.program, *self.arguments, str(reference)],
            cwd=folder,
            env=self._environment(folder, account),
            capture_output=True,
            text=True,
            timeout=280,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        facts: dict[str, Any] = json.loads(done.stdout)
        return facts

    def _environment(self, folder: Path, account: ApiAccount) -> dict[str, str]:
        return {
            **os.environ,
            "TTS_API_URL": account.base_url,
            "TTS_API_KEY": account.api_key,
            "GO111MODULE": "off",
            "GOCACHE": os.environ.get("GOCACHE", str(Path.home() / ".cache" / "go-build")),
        }


QUICK_STARTS = [
    QuickStart("curl", "sh", "curl", ["quickstart.sh"]),
    QuickStart("python", sys.executable, "python3", ["quickstart.py"]),
    QuickStart("node", "node", "nodejs and npm", ["quickstart.js"]),
    QuickStart("php", "php", "php-cli and php-curl", ["quickstart.php"]),
    QuickStart("ruby", "ruby", "ruby", ["quickstart.rb"]),
    QuickStart("go", "go", "golang-go", ["run", "quickstart.go"]),
]


@dataclass(frozen=True, slots=True)
class Run:
    """`facts` is what the program printed, or why it did not get so far."""

    account: ApiAccount
    folder: Path
    facts: Future[dict[str, Any]]


@pytest.fixture(scope="module")
def runs(
    hub_server: RunningHub, reference: bytes, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Run]]:
    """All of them at the same time, each with an account of its own: they mostly wait."""
    place = tmp_path_factory.mktemp("quick-starts")
    recording = place / "reference.wav"
    recording.write_bytes(reference)
    with ThreadPoolExecutor(len(QUICK_STARTS)) as pool:
        begun = {}
        for quick_start in QUICK_STARTS:
            account, folder = hub_server.new_account(), place / quick_start.folder
            facts = pool.submit(_prepared_and_run, quick_start, folder, account, recording)
            begun[quick_start.folder] = Run(account, folder, facts)
        yield begun


def _prepared_and_run(
    quick_start: QuickStart, folder: Path, account: ApiAccount, recording: Path
) -> dict[str, Any]:
    tool = "curl" if quick_start.folder == "curl" else quick_start.program
    assert shutil.which(tool), f"{tool} is missing: install {quick_start.package}"
    shutil.copytree(HERE / quick_start.folder, folder)
    if (folder / "package.json").exists():
        install(folder)
    return quick_start.run(folder, account, recording)


@pytest.mark.parametrize("name", [quick_start.folder for quick_start in QUICK_STARTS])
def test_quick_start_runs_unchanged(name: str, hub_server: RunningHub, runs: dict[str, Run]) -> None:
    account, folder = runs[name].account, runs[name].folder

    facts = runs[name].facts.result()

    _check(facts["design"], hub_server, folder, mode="design", price=50)
    _check(facts["clone"], hub_server, folder, mode="clone", price=100)
    assert account.balance().credits == 500 - 50 - 100
    assert account.balance().held == 0


def _check(facts: dict[str, Any], hub: RunningHub, folder: Path, *, mode: str, price: int) -> None:
    answer, final = facts["answer"], facts["final"]
    assert facts["status_code"] == 202
    assert answer["status_url"] == f"{hub.url}/v1/tts/status/{answer['id']}"
    assert facts["location"] in (answer["status_url"], answer["status_url"].removeprefix(hub.url))
    assert str(uuid.UUID(answer["id"])) == answer["id"]
    assert (answer["status"], answer["mode"], answer["credits_used"]) == ("queued", mode, price)
    assert (final["id"], final["status"], final["mode"]) == (answer["id"], "completed", mode)
    assert (final["credits_used"], final["language"], final["format"]) == (price, "en", "wav")
    assert final["progress"] == 1
    assert final["output_url"].startswith(f"{hub.url}/")
    assert final["error"] is None
    _check_audio((folder / facts["audio"]).read_bytes(), final["duration_seconds"])


def _check_audio(audio: bytes, said_seconds: float) -> None:
    assert audio[:4] == b"RIFF"
    assert audio[8:12] == b"WAVE"
    with soundfile.SoundFile(io.BytesIO(audio)) as file:
        seconds = file.frames / file.samplerate
    assert abs(seconds - said_seconds) < 0.02
    assert 1.5 < seconds < 8
