"""What one process sends to each host: its pace, its circuit, and how many calls are under way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import httpx

from webhooks import circuit, pacing
from webhooks.circuit import Circuit, Rules
from webhooks.pacing import Bucket, Pace
from webhooks.values import Attempt

AT_ONCE: Final = 5
_BUSY_SECONDS: Final = 1.0
_LONGEST_HOLD: Final = 600.0
_FORGET_SECONDS: Final = 3600.0


@dataclass(slots=True)
class _Host:
    bucket: Bucket | None = None
    circuit: Circuit = field(default_factory=Circuit)
    under_way: int = 0
    held_until: float = 0.0
    line: float = 0.0
    """When whoever was sent away last is to ask again."""
    seen: float = 0.0


@dataclass(slots=True)
class Traffic:
    """Ask `admit` before a call and tell `record` (or `abandon`) after it. The clock is an argument.

    Not shared between processes: with several, each keeps its own pace.
    """

    pace: Pace = pacing.DEFAULT_PACE
    rules: Rules = circuit.DEFAULT_RULES
    at_once: int = AT_ONCE
    _hosts: dict[str, _Host] = field(default_factory=dict, init=False)

    def admit(self, url: str, now: float) -> float:
        """0 when a call to the URL's host may begin now, else the seconds to wait before asking again."""
        host = self._host(url, now)
        if now < host.held_until:
            return host.held_until - now
        if host.under_way >= self.at_once:
            return _BUSY_SECONDS
        # The circuit is asked last: its answer may spend the one probe.
        bucket, wait = pacing.take(host.bucket, self.pace, now)
        if not wait:
            host.circuit, wait = circuit.admit(host.circuit, self.rules, now)
        if wait:
            return wait
        host.bucket = bucket
        host.under_way += 1
        return 0.0

    def book(self, url: str, now: float, pace: Pace) -> tuple[bool, float]:
        """Whether a call may be made, and the seconds until its turn; or until it should ask again.

        Whoever is sent away gets a place in line: a thousand messages that wait for one host come back one
        by one, not all at once again and again.
        """
        host = self._host(url, now)
        if now < host.held_until:
            return False, self._in_line(host, host.held_until, now, pace)
        if host.under_way >= pace.at_once:
            return False, self._in_line(host, now, now, pace)
        bucket, turn = pacing.book(host.bucket, pace, now)
        if turn is None:
            return False, self._in_line(host, now + pace.ahead, now, pace)
        host.circuit, wait = circuit.admit(host.circuit, self.rules, now)
        if wait:
            return False, self._in_line(host, now + wait, now, pace)
        host.bucket = bucket
        host.under_way += 1
        return True, turn

    @staticmethod
    def _in_line(host: _Host, earliest: float, now: float, pace: Pace) -> float:
        host.line = max(host.line, earliest) + 1 / pace.per_second
        return min(host.line - now, _LONGEST_HOLD)

    def record(self, url: str, attempt: Attempt, now: float) -> None:
        """A call that `admit` let begin has ended. A busy host's Retry-After holds its other messages too."""
        host = self._ended(url, now)
        if attempt.slow_down and attempt.retry_after:
            host.held_until = max(host.held_until, now + min(attempt.retry_after, _LONGEST_HOLD))
        host.circuit = circuit.record(host.circuit, self.rules, worked=not circuit.strains(attempt), now=now)

    def abandon(self, url: str, now: float) -> None:
        """A call that `admit` let begin was never made, or its result is not known."""
        self._ended(url, now)

    def _host(self, url: str, now: float) -> _Host:
        name = _name(url)
        if name not in self._hosts:
            self._forget(now)
            self._hosts[name] = _Host()
        host = self._hosts[name]
        host.seen = now
        return host

    def _ended(self, url: str, now: float) -> _Host:
        host = self._host(url, now)
        host.under_way = max(0, host.under_way - 1)
        return host

    def _forget(self, now: float) -> None:
        old = [
            name
            for name, host in self._hosts.items()
            if not host.under_way and now - host.seen > _FORGET_SECONDS
        ]
        for name in old:
            del self._hosts[name]


def _name(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return url
    return f"{parsed.host}:{parsed.port or parsed.scheme}"
