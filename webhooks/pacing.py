"""How fast one host may be called: a token bucket. Pure: state and clock in, state and wait out.

The clock is any number of seconds that only grows within one state's life (`time.monotonic()`, or unix time
when the state is shared between machines).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `burst` calls at once after a rest, then `per_second`.

    `at_once` are under way, or wait for their turn, at the same time, for all senders together.
    """

    per_second: float = 10.0
    burst: int = 20
    at_once: int = 25


DEFAULT_PACE: Final = Pace()

BUILDER_PACE: Final = Pace(per_second=25.0, burst=4, at_once=25)
"""For hosts that take 30 calls in any second and no more, as Zapier's and Make's do."""


def shared(pace: Pace, among: int) -> Pace:
    """What each of so many processes may do, so that all of them together keep to `pace` in any second."""
    if among <= 1:
        return pace
    burst = max(1, pace.burst // among)
    rest = max(1.0, pace.per_second + pace.burst - burst * among)
    at_once = max(1, pace.at_once // among)
    return replace(pace, per_second=rest / among, burst=burst, at_once=at_once)


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


def turn(at: float, pace: Pace, now: float) -> tuple[float, float]:
    """The same for a call that waits for its turn instead of asking again: when the turn after its own is,
    and the seconds until its own. `at` is what the call before was told, 0 for a host not called before.

    The generic cell rate algorithm (ITU-T I.371, annex A), with `burst` calls as its tolerance.
    """
    wait = max(0.0, at - (pace.burst - 1) / pace.per_second - now)
    return max(at, now) + 1 / pace.per_second, wait


def _refilled(bucket: Bucket | None, pace: Pace, now: float) -> float:
    if bucket is None:
        return float(pace.burst)
    earned = max(0.0, now - bucket.at) * pace.per_second
    return min(float(pace.burst), bucket.tokens + earned)
