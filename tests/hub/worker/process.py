"""A worker process with a scripted speaker: `python -m tests.hub.worker.process speak|deliver [grace]`."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from hub.deliveries import attempts, sending
from hub.settings import Settings
from hub.worker import deliver, run_deliver, run_speak
from tests.hub.worker.speakers import ScriptedSpeaker
from webhooks import schedule

JOURNAL = "SAYHOOK_TEST_JOURNAL"
RETRY_SECONDS = "SAYHOOK_TEST_RETRY_SECONDS"
"""When set, a message to a builder is tried again after so long each time, and soon when its worker died."""


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(message)s")
    journal = Path(os.environ[JOURNAL])
    settings = Settings(_env_file=None)
    grace = float(sys.argv[2]) if len(sys.argv) > 2 else 10.0
    if sys.argv[1] == "speak":
        run_speak(settings, make_speaker=lambda _: ScriptedSpeaker(journal), grace=grace, stuck_seconds=0.5)
    else:
        if RETRY_SECONDS in os.environ:
            _hurry(float(os.environ[RETRY_SECONDS]))
        run_deliver(settings, grace=grace)


def _hurry(seconds: float) -> None:
    """The same number of tries as in life, in seconds instead of a day."""
    delays = (0.0, *[seconds] * (len(schedule.STEP_DELAYS) - 1))
    for module, name, value in (
        (attempts, "STEP_DELAYS", delays),
        (schedule, "SLOW_DOWN_SECONDS", seconds),
        (sending, "LEASE_SECONDS", 8.0),
        (deliver, "LEASE_SECONDS", 8.0),
    ):
        assert hasattr(module, name)
        setattr(module, name, value)


if __name__ == "__main__":
    main()
