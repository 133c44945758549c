"""How a run in Make ends when it does not succeed.

MakeError                       `kind` is Make's name for it, which decides what Make does next
AppInvalid                      the app's own files are wrong
"""

from __future__ import annotations

from typing import Final

RETRIED: Final = frozenset({"RateLimitError", "ConnectionError"})
"""Make tries these again after 1, 2, 5, 10 minutes, 1, 3, 12 and 24 hours, and the scenario stays on."""

STOPPING: Final = frozenset({"InvalidAccessTokenError", "InvalidConfigurationError"})
"""These stop the scenario at once: its owner has to reconnect or to mend it."""

KINDS: Final = frozenset(
    {
        "RuntimeError",
        "DataError",
        "RateLimitError",
        "OutOfSpaceError",
        "ConnectionError",
        "InvalidConfigurationError",
        "InvalidAccessTokenError",
        "IncompleteDataError",
        "DuplicateDataError",
    }
)


class MakeError(Exception):
    """A module, or a leg of a connection, failed. `message` is what its owner is shown."""

    def __init__(self, kind: str, message: str, *, status: int | None = None) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message
        self.status = status


class AppInvalid(Exception):
    """The app's files do not fit together. Says which and how."""


def default_kind(status: int) -> str:
    """What Make takes an answer for when the app does not say."""
    if status == 429:
        return "RateLimitError"
    return "ConnectionError" if status >= 500 else "RuntimeError"
