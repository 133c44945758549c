"""The names under which the deliver queue knows the work of connections; all else there is a delivery."""

from __future__ import annotations

from typing import Final

EVENTS: Final = "events:"
PUSH: Final = "push:"
LOOK: Final = "look:"


def events_job(connection_id: str) -> str:
    """Read the connection's waiting events; one at a time, so that they are read as they came."""
    return EVENTS + connection_id


def push_job(push_id: str) -> str:
    return PUSH + push_id


def look_job(connection_id: str) -> str:
    """Look through what is on the platform for what did not reach us."""
    return LOOK + connection_id
