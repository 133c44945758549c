"""What a worker process calls itself: no two live ones may share a name."""

from __future__ import annotations

import os
import secrets
import socket


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
