"""When a message is tried again. Pure: the clock and the random are arguments.

The delays are those Standard Webhooks 1.0 recommends ("Retry schedule"): ten attempts over about three days,
so that a receiver that is down over a weekend still gets its message. Every answer but 2xx counts as a
failure, 4xx too: a wrong secret or a route not yet deployed is mended by people, and people need time. 410
ends it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from webhooks.values import Attempt, Outcome

Uniform = Callable[[float, float], float]
"""A number between two others, as `random.uniform` gives."""

_SECOND, _MINUTE, _HOUR = 1.0, 60.0, 3600.0
DELAYS: Final = (
    0.0,
    5 * _SECOND,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
"""Seconds before each attempt, counted from the one before it."""

MAX_ATTEMPTS: Final = len(DELAYS)

STEP_DELAYS: Final = (
    0.0,
    _MINUTE,
    2 * _MINUTE,
    5 * _MINUTE,
    10 * _MINUTE,
    30 * _MINUTE,
    _HOUR,
    _HOUR,
    2 * _HOUR,
    2 * _HOUR,
    2 * _HOUR,
    3 * _HOUR,
    3 * _HOUR,
    4 * _HOUR,
    5 * _HOUR,
)
"""The same for a scenario's step that waits for us: 24 hours, and the first of them busy."""
JITTER: Final = 0.2
SLOW_DOWN_SECONDS: Final = 60.0
_LEAST_CAP: Final = _HOUR


def next_time(
    attempt: Attempt, made: int, uniform: Uniform, delays: Sequence[float] = DELAYS
) -> datetime | None:
    """When to try again after `attempt`, the `made`-th one (from 1); None when it was the last.

    The delay varies by 20 % either way. An overloaded receiver is left alone for a minute at least.
    `Retry-After` is honoured when it asks for more than our delay, up to twice that delay or an hour,
    whichever is longer.
    """
    if attempt.outcome is not Outcome.RETRY or made >= len(delays):
        return None
    delay = delays[made] * uniform(1 - JITTER, 1 + JITTER)
    if attempt.slow_down:
        delay = max(delay, SLOW_DOWN_SECONDS)
    if attempt.retry_after is not None:
        delay = max(delay, min(attempt.retry_after, max(2 * delays[made], _LEAST_CAP)))
    return attempt.at + timedelta(seconds=delay)


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds a `Retry-After` header asks for (RFC 9110, section 10.2.3), or None when absent or unreadable.

    Takes whole seconds, the fractions some platforms send, and HTTP dates; a date in the past is 0.
    """
    text = (value or "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def outcome_of(status: int, instruction: str | None = None) -> Outcome:
    """What an answer's status means, and its `webhook-delivery` header where the receiver sends one.

    410 and `disable` end the endpoint, `abort-message` ends this message only.
    """
    word = (instruction or "").strip().lower()
    if status == 410 or word == "disable":
        return Outcome.GONE
    if 200 <= status < 300:
        return Outcome.DELIVERED
    return Outcome.REFUSED if word == "abort-message" else Outcome.RETRY
