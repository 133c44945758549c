"""What apps are given to keep: how it is made, told apart by sight, and looked up by its digest.

The alphabet is `A-Za-z0-9_-`: clients disagree on whether HTTP Basic credentials are percent-encoded, and
these need no encoding.
"""

from __future__ import annotations

import hashlib
import secrets as random

CLIENT_START = "shc_"
CLIENT_SECRET_START = "shs_"  # noqa: S105 - only its beginning
CODE_START = "sho_"
ACCESS_START = "sha_"
REFRESH_START = "shr_"


def new_client_id() -> str:
    return CLIENT_START + random.token_urlsafe(12)


def new_secret(start: str) -> str:
    """256 random bits behind a start that says what it is, to people and to secret scanners."""
    return start + random.token_urlsafe(32)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
