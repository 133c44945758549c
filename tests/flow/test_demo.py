"""`sayhook demo`: the whole loop with a simulated platform, from one command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from tests.flow.running_hub import ROOT


def test_the_demo_shows_the_audio_arriving(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hub", "demo", "woocommerce", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    assert "Playing it in Chromium" in done.stderr
    evidence = json.loads(done.stdout)
    assert set(evidence) == {"connector", "sent", "generation_id", "audio_url", "found_at", "seconds"}
    assert evidence["connector"] == "woocommerce"
    assert UUID(evidence["generation_id"])
    assert urlsplit(evidence["audio_url"]).path.startswith("/a/")
    assert urlsplit(evidence["found_at"]).path.startswith("/product/")
    assert evidence["seconds"] > 0
