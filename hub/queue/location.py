"""Where Redis is: the configured URL, or the address the embedded Valkey's starter wrote down."""

from __future__ import annotations

from pathlib import Path

from hub.queue.protocol import QueueAway
from hub.settings import Settings


def address_file(settings: Settings) -> Path:
    """Holds the embedded server's redis:// URL and nothing else."""
    return settings.data / "valkey" / "url"


def redis_url(settings: Settings) -> str:
    """Raises `QueueAway` when no URL is configured and no embedded server was ever started on this data."""
    if settings.redis_url:
        return settings.redis_url
    try:
        return address_file(settings).read_text().strip()
    except FileNotFoundError:
        raise QueueAway(
            "No queue is running: start the hub with `sayhook serve`, or set SAYHOOK_REDIS_URL."
        ) from None
