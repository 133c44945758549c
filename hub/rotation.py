"""Secrets that are replaced without a gap: the old one lives on for a while beside the new one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from hub.secrets import Secrets

OVERLAP = timedelta(hours=24)
"""How long a replaced secret goes on being good."""

MOST_LIVE = 4


def sealed(secrets: Secrets, first: str) -> str:
    """The encrypted list with one secret in it."""
    return _seal(secrets, [(first, None)])


def live(secrets: Secrets, kept: str, now: datetime) -> tuple[str, ...]:
    """Newest first. Raises `cryptography.fernet.InvalidToken` when no live key of the hub reads them."""
    return tuple(secret for secret, until in _open(secrets, kept) if until is None or until > now)


def rotated(secrets: Secrets, kept: str, new: str, now: datetime) -> str:
    """The list with `new` in front; the others live for OVERLAP, or as long as they had left."""
    ending = now + OVERLAP
    older = [
        (secret, ending if until is None else min(until, ending))
        for secret, until in _open(secrets, kept)
        if until is None or until > now
    ]
    return _seal(secrets, [(new, None), *older[: MOST_LIVE - 1]])


def _open(secrets: Secrets, kept: str) -> list[tuple[str, datetime | None]]:
    rows = json.loads(secrets.decrypt(kept))
    return [(secret, None if until is None else datetime.fromisoformat(until)) for secret, until in rows]


def _seal(secrets: Secrets, rows: Sequence[tuple[str, datetime | None]]) -> str:
    written = [[secret, None if until is None else until.isoformat()] for secret, until in rows]
    return secrets.encrypt(json.dumps(written))
