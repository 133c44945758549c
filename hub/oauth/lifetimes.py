"""How long each thing lives."""

from __future__ import annotations

from datetime import timedelta

CODE = timedelta(minutes=2)
"""RFC 6749 section 4.1.2 allows ten minutes; platforms exchange a code within seconds."""

ACCESS_TOKEN = timedelta(hours=1)

REFRESH_TOKEN = timedelta(days=180)
"""Unused: each refresh gives a new token that lives this long."""

ROTATION_GRACE = timedelta(seconds=60)
"""How long a used refresh token goes on working: no-code platforms refresh from several workers at once."""

MOST_SUCCESSORS = 50
"""New pairs that one refresh token yields within its grace."""

KEPT_AFTER_END = timedelta(days=30)
"""How long ended connections stay, with their tokens, so that a replay is told from a guess."""

KEPT_AFTER_EXPIRY = timedelta(days=1)
"""How long expired codes and tokens stay, used refresh tokens among them."""
