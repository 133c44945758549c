"""When an endpoint that keeps failing is switched off. Pure: the record of its attempts in, a verdict out.

An endpoint is switched off at once when it says so (410), or after five days without one success, provided
that at least two failures lie a day or more apart: one bad hour after a quiet week is not five days of
failure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from webhooks.values import Attempt, Outcome

PATIENCE: Final = timedelta(days=5)
LEAST_SPAN: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Health:
    """An endpoint's record since its last success: first failure, last failure, and how many."""

    failing_since: datetime | None = None
    last_failure: datetime | None = None
    failures: int = 0
    gone: bool = False

    def after(self, attempt: Attempt) -> Health:
        """The record with one more attempt in it."""
        if attempt.outcome is Outcome.DELIVERED:
            return Health()
        return Health(
            failing_since=self.failing_since or attempt.at,
            last_failure=attempt.at,
            failures=self.failures + 1,
            gone=self.gone or attempt.outcome is Outcome.GONE,
        )

    def spent(self, now: datetime) -> bool:
        """Whether to switch the endpoint off and tell its owner."""
        if self.gone:
            return True
        if self.failing_since is None or self.last_failure is None or self.failures < 2:
            return False
        spanned = self.last_failure - self.failing_since
        return spanned >= LEAST_SPAN and now - self.failing_since >= PATIENCE
