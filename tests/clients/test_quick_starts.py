"""Programs as each language's users write them, with nothing changed but base URL and key."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import soundfile

from tests.flow.api_account import ApiAccount
from tests.flow.running_hub import RunningHub

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


@pytest.mark.parametrize("quick_start", QUICK_STARTS, ids=lambda quick_start: quick_start.folder)
def test_quick_start_runs_unchanged(
    quick_start: QuickStart, hub_server: RunningHub, reference: bytes, tmp_path: Path
) -> None:
    tool = "curl" if quick_start.folder == "curl" else quick_start.program
    assert shutil.which(tool), f"{tool} is missing: install {quick_start.package}"
    folder = shutil.copytree(HERE / quick_start.folder, tmp_path / quick_start.folder)
    if (folder / "package.json").exists():
        _install_node_packages(folder)
    recording = tmp_path / "reference.wav"
    recording.write_bytes(reference)
    account = hub_server.new_account()

    facts = quick_start.run(folder, account, recording)

    _check(facts["design"], hub_server, folder, mode="design", price=50)
    _check(facts["clone"], hub_server, folder, mode="clone", price=100)
    assert account.balance().credits == 500 - 50 - 100
    assert account.balance().held == 0


def _install_node_packages(folder: Path) -> None:
    npm = shutil.which("npm")
    assert npm, "npm is missing: install npm"
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


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
