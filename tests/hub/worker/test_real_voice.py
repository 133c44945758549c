"""The real engine in a real worker process, from an accepted text to audio in the store."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile

from tests.hub.running import ROOT, RunningHub


async def test_a_text_becomes_speech_and_the_worker_ends_when_told(
    running_hub: RunningHub, models_folder: Path
) -> None:
    account = await running_hub.account(credits=500)
    generation_id = await running_hub.order(account, "Good morning, dear listeners.")
    settings = running_hub.hub.settings
    environment = {
        **os.environ,
        "SAYHOOK_DATA": str(settings.data),
        "SAYHOOK_MODELS": str(models_folder),
        "SAYHOOK_REDIS_URL": settings.redis_url,
    }
    command = [sys.executable, "-m", "hub", "worker", "--queue", "speak"]
    with (settings.data / "speak.log").open("wb") as log:
        worker = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        row = await running_hub.until(generation_id, "completed", 60)
        worker.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(worker.wait, 15) == 0
    finally:
        worker.kill()
        worker.wait()
    assert (row.spoken_language, row.engine, row.format) == ("en", "kokoro", "wav")
    assert row.audio_key is not None
    samples, rate = soundfile.read(io.BytesIO(await running_hub.hub.blobs.get(row.audio_key)))
    assert row.duration_seconds is not None
    assert 1.0 < len(samples) / rate < 6.0
    assert abs(len(samples) / rate - row.duration_seconds) < 0.01
    assert np.abs(samples).max() > 0.1
    assert await running_hub.balance(account) == (950, 0)
    assert "listeners" not in (settings.data / "speak.log").read_text()
