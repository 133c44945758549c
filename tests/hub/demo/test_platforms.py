"""`sayhook demo` for real: a hub, a simulated platform, and its page playing.

The README's test runs one. Each takes a hub of its own, so the others are run when asked:
`SAYHOOK_TEST_DEMOS=all`, or names with commas between them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.discovery import discover
from hub.cli.main import app

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]

ASKED = os.environ.get("SAYHOOK_TEST_DEMOS", "")
SIMULATED = [name for name, one in discover().items() if (one.folder / "simulator.py").is_file()]


@pytest.mark.parametrize("name", SIMULATED if ASKED == "all" else ASKED.split(","))
def test_a_platform_is_heard(name: str, models_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAYHOOK_MODELS", str(models_folder))
    done = CliRunner().invoke(app, ["demo", name, "--json"])
    assert done.exit_code == 0, done.output
    heard = json.loads(done.stdout)
    print(f"{name}: {heard['seconds']} s from the event to the sound")
    assert heard["connector"] == name
    assert heard["audio_url"].startswith("http://127.0.0.1:")
