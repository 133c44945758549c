"""Instants on the wire: RFC 3339 in UTC, with Z."""

from __future__ import annotations

from datetime import UTC, datetime


def rfc3339(instant: datetime) -> str:
    """E.g. `2026-11-22T18:20:00.125Z`: milliseconds always, so that the text sorts as the times do."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
