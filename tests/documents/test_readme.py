"""Every command of the README is run as it stands, but for the key, the address and where `sayhook` is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import soundfile

from hub.serve.welcome import first_request
from tests.flow.ear import heard
from tests.flow.running_hub import RunningHub

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
LONGEST = 65
MAKE = [block for block in BLOCKS if block.startswith("make ")]
REQUESTS = [block for block in BLOCKS if "curl" in block]
COMMANDS = [block for block in BLOCKS if block.startswith(".venv/bin/sayhook ")]
SAY = COMMANDS[0]
OTHERS = "".join(COMMANDS[1:]).splitlines()


def shell(commands: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the lines in `folder`; the first that fails ends the whole."""
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=200,
    )


def with_sayhook(commands: str) -> str:
    return commands.replace(".venv/bin/sayhook", f"'{sys.executable}' -m hub")


def test_every_block_is_of_a_kind_that_is_run_here() -> None:
    assert len(MAKE) == len(REQUESTS) == 1
    assert len(COMMANDS) == 2
    assert len(BLOCKS) == 4


def test_it_fits_one_screen() -> None:
    assert len(README.splitlines()) <= LONGEST


@pytest.mark.parametrize("line", "".join(MAKE).splitlines())
def test_the_make_targets_exist(line: str) -> None:
    target = line.split("#")[0].strip()
    done = shell(f"{target} --dry-run", ROOT)
    assert done.returncode == 0, done.stderr
    assert "hub/serve/bootstrap.py" in done.stdout


@pytest.mark.xdist_group("hub")
@pytest.mark.timeout(300)
def test_the_first_request_and_the_first_command_work_on_a_running_hub(
    hub_server: RunningHub, tmp_path: Path
) -> None:
    request = REQUESTS[0].replace("PASTE_YOUR_KEY_HERE", hub_server.new_account().api_key)
    request = request.replace("HUB=http://127.0.0.1:8000", f"HUB={hub_server.url}")
    done = shell(request, tmp_path)
    assert done.returncode == 0, done.stderr
    assert 2 < soundfile.info(tmp_path / "hello.mp3").duration < 12
    assert "everything you publish can speak" in heard((tmp_path / "hello.mp3").read_bytes()).lower()
    (check,) = [line for line in OTHERS if " check " in line]
    done = shell(with_sayhook(check), tmp_path, SAYHOOK_DATA=str(hub_server.data), PORT=str(hub_server.port))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"the hub answers on {hub_server.port} and is ready" in done.stdout


@pytest.mark.timeout(300)
def test_what_needs_no_running_hub(tmp_path: Path) -> None:
    environment = {"SAYHOOK_DATA": str(tmp_path / "data"), "PORT": "0"}
    accounts = with_sayhook(".venv/bin/sayhook accounts create --email owner@example.com")
    assert shell(accounts, tmp_path, **environment).returncode == 0
    told = {}
    for line in (*SAY.splitlines(), *OTHERS):
        done = shell(with_sayhook(line), tmp_path, **environment)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        told[line.split()[1]] = done
    assert 0.5 < soundfile.info(tmp_path / "closed.wav").duration < 6
    heard_there = re.search(r"WooCommerce speaks: (\S+)\s+found on (\S+), [\d.]+ s", told["demo"].stdout)
    assert heard_there, told["demo"].stdout
    assert urlsplit(heard_there[1]).path.startswith("/a/")
    assert urlsplit(heard_there[2]).path.startswith("/product/")
    assert "Playing it in Chromium" in told["demo"].stderr


def test_the_welcome_offers_the_same_request() -> None:
    shown = first_request("http://127.0.0.1:8000", "PASTE_YOUR_KEY_HERE")
    assert [line.strip() for line in shown.strip().splitlines()] == [
        line.strip() for line in REQUESTS[0].strip().splitlines()
    ]


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_links_lead_somewhere(document: str) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / document).read_text("utf-8"))
    assert [target for target in targets if not (ROOT / target).exists()] == []
