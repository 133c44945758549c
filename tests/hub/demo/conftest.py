"""What is run only when it is asked for."""

from __future__ import annotations

import os

collect_ignore = [] if os.environ.get("SAYHOOK_TEST_DEMOS") else ["test_platforms.py"]
