"""What one process sends to each host: its pace, and for each sender its circuit and the calls under way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias

import httpx

from webhooks import circuit, pacing
from webhooks.circuit import Circuit, Rules
from webhooks.pacing import Bucket, Pace
from webhooks.values import Attempt

AT_ONCE: Final = 5
"""Calls one sender has under way at one host."""

ALL_AT_ONCE: Final = 30
"""Calls one account has under way altogether: its slow hosts may not take every hand."""

_BUSY_SECONDS: Final = 1.0
_LONGEST_HOLD: Final = 600.0
_FORGET_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Sender:
    """For whom a call is made. What it meets at a host says nothing to others: a host that many share
    answers each by its own scenario, shop or site."""

    account: str = ""
    connection: str = ""


_NOBODY: Final = Sender()


@dataclass(slots=True)
class _Host:
    bucket: Bucket | None = None
    under_way: int = 0
    turn: float = 0.0
    """When the next call would go at an even pace."""
    seen: float = 0.0


@dataclass(slots=True)
class _Way:
    """From one sender to one host."""

    circuit: Circuit = field(default_factory=Circuit)
    under_way: int = 0
    held_until: float = 0.0
    line: float = 0.0
    """When whoever was sent away last is to ask again."""
    seen: float = 0.0


_Key: TypeAlias = tuple[Sender, str]


@dataclass(slots=True)
class Traffic:
    """Ask `admit` (or `enter` and `leave`) before a call and tell `record` (or `abandon`) after it.
    The clock is an argument.

    Not shared between processes: with several, each keeps its own pace (`webhooks.pacing.shared`).
    """

    pace: Pace = pacing.DEFAULT_PACE
    rules: Rules = circuit.DEFAULT_RULES
    at_once: int = AT_ONCE
    all_at_once: int = ALL_AT_ONCE
    _hosts: dict[str, _Host] = field(default_factory=dict, init=False)
    _ways: dict[_Key, _Way] = field(default_factory=dict, init=False)
    _accounts: dict[str, int] = field(default_factory=dict, init=False)

    def admit(self, url: str, now: float, sender: Sender = _NOBODY) -> float:
        """0 when a call to the URL's host may begin now, else the seconds to wait before asking again."""
        host, way = self._found(url, now, sender)
        if now < way.held_until:
            return way.held_until - now
        if way.under_way >= self.at_once or self._is_busy(host, sender, self.pace):
            return _BUSY_SECONDS
        # The circuit is asked last: its answer may spend the one probe.
        bucket, wait = pacing.take(host.bucket, self.pace, now)
        if not wait:
            way.circuit, wait = circuit.admit(way.circuit, self.rules, now)
        if wait:
            return wait
        host.bucket = bucket
        self._begin(host, way, sender)
        return 0.0

    def enter(self, url: str, now: float, pace: Pace, sender: Sender = _NOBODY) -> float:
        """0 when a call may be prepared, which then asks `leave` when it may go; else the seconds to wait.

        Whoever is sent away gets a place in its sender's line: a thousand messages that wait for one host
        come back one by one, not all at once again and again, and hold up no other sender's.
        """
        host, way = self._found(url, now, sender)
        if now < way.held_until:
            return self._in_line(way, way.held_until, now, pace)
        if self._is_busy(host, sender, pace):
            return self._in_line(way, now, now, pace)
        way.circuit, wait = circuit.admit(way.circuit, self.rules, now)
        if wait:
            return self._in_line(way, now + wait, now, pace)
        self._begin(host, way, sender)
        return 0.0

    def leave(self, url: str, now: float, pace: Pace, sender: Sender = _NOBODY) -> float:
        """Seconds until a call that entered and is ready may go. The pace is kept here and nowhere before:
        calls that became ready together behind one slow write go one by one, and no turn is lost."""
        host, _ = self._found(url, now, sender)
        host.turn, wait = pacing.turn(host.turn, pace, now)
        return wait

    def record(self, url: str, attempt: Attempt, now: float, sender: Sender = _NOBODY) -> None:
        """A call that was let begin has ended. A busy host's Retry-After holds the sender's other
        messages too."""
        way = self._ended(url, now, sender)
        if attempt.slow_down and attempt.retry_after:
            way.held_until = max(way.held_until, now + min(attempt.retry_after, _LONGEST_HOLD))
        way.circuit = circuit.record(way.circuit, self.rules, worked=not circuit.strains(attempt), now=now)

    def abandon(self, url: str, now: float, sender: Sender = _NOBODY) -> None:
        """A call that was let begin was never made, or its result is not known."""
        self._ended(url, now, sender)

    @staticmethod
    def _in_line(way: _Way, earliest: float, now: float, pace: Pace) -> float:
        way.line = max(way.line, earliest) + 1 / pace.per_second
        return min(way.line - now, _LONGEST_HOLD)

    def _is_busy(self, host: _Host, sender: Sender, pace: Pace) -> bool:
        return host.under_way >= pace.at_once or self._accounts.get(sender.account, 0) >= self.all_at_once

    def _begin(self, host: _Host, way: _Way, sender: Sender) -> None:
        host.under_way += 1
        way.under_way += 1
        self._accounts[sender.account] = self._accounts.get(sender.account, 0) + 1

    def _ended(self, url: str, now: float, sender: Sender) -> _Way:
        host, way = self._found(url, now, sender)
        host.under_way = max(0, host.under_way - 1)
        way.under_way = max(0, way.under_way - 1)
        left = self._accounts.pop(sender.account, 0) - 1
        if left > 0:
            self._accounts[sender.account] = left
        return way

    def _found(self, url: str, now: float, sender: Sender) -> tuple[_Host, _Way]:
        name = _name(url)
        if name not in self._hosts or (sender, name) not in self._ways:
            self._forget(now)
        host = self._hosts.setdefault(name, _Host())
        way = self._ways.setdefault((sender, name), _Way())
        host.seen = way.seen = now
        return host, way

    def _forget(self, now: float) -> None:
        def is_old(one: _Host | _Way) -> bool:
            return not one.under_way and now - one.seen > _FORGET_SECONDS

        self._hosts = {name: one for name, one in self._hosts.items() if not is_old(one)}
        self._ways = {key: one for key, one in self._ways.items() if not is_old(one)}


def _name(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return url
    return f"{parsed.host}:{parsed.port or parsed.scheme}"
