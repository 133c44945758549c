"""How long to wait before a crashed process is started again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubling pauses in seconds; a process that ran for `healthy` seconds starts counting from one again."""

    first: float = 0.5
    longest: float = 30.0
    healthy: float = 60.0

    def pause(self, crashes: int) -> float:
        """The pause after the `crashes`-th crash in a row, counted from 1."""
        return min(self.longest, self.first * 2.0 ** min(crashes - 1, 16))

    def crashes(self, before: int, ran_for: float) -> int:
        """Crashes in a row, after one more crash of a process that ran for so long."""
        return 1 if ran_for >= self.healthy else before + 1
