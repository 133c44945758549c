"""A worker process with a scripted speaker: `python -m tests.hub.worker.process speak|deliver [grace]`."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from hub.settings import Settings
from hub.worker import run_deliver, run_speak
from tests.hub.worker.speakers import ScriptedSpeaker

JOURNAL = "SAYHOOK_TEST_JOURNAL"


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(message)s")
    journal = Path(os.environ[JOURNAL])
    settings = Settings(_env_file=None)
    grace = float(sys.argv[2]) if len(sys.argv) > 2 else 10.0
    if sys.argv[1] == "speak":
        run_speak(settings, make_speaker=lambda _: ScriptedSpeaker(journal), grace=grace, stuck_seconds=0.5)
    else:
        run_deliver(settings, grace=grace)


if __name__ == "__main__":
    main()
