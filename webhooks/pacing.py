"""How fast one host may be called: a token bucket. Pure: state and clock in, state and wait out.

The clock is any number of seconds that only grows within one state's life (`time.monotonic()`, or unix time
when the state is shared between machines).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `burst` calls at once after a rest, then `per_second`."""

    per_second: float = 10.0
    burst: int = 20


DEFAULT_PACE: Final = Pace()


@dataclass(frozen=True, slots=True)
class Bucket:
    """Calls that may be made now, as counted at the time `at`."""

    tokens: float
    at: float


def take(bucket: Bucket | None, pace: Pace, now: float) -> tuple[Bucket, float]:
    """Ask for one call: the new state, and 0 when it may be made, else seconds to wait before asking again.

    A refused call costs nothing. `None` is a host not called before.
    """
    tokens = _refilled(bucket, pace, now)
    if tokens >= 1:
        return Bucket(tokens - 1, now), 0.0
    return Bucket(tokens, now), (1 - tokens) / pace.per_second


def _refilled(bucket: Bucket | None, pace: Pace, now: float) -> float:
    if bucket is None:
        return float(pace.burst)
    earned = max(0.0, now - bucket.at) * pace.per_second
    return min(float(pace.burst), bucket.tokens + earned)
