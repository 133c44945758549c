"""A circuit breaker for one host. Pure: state and clock in, state out.

    closed ──(enough calls in the window, most of them failed)──► open
    open ──(its time is over: one call is let through)──► probing
    probing ──(the call works)──► closed        probing ──(it fails)──► open, twice as long

So a host that is down costs one call per opening instead of a worker's time for every message, and one slow
receiver cannot hold up the others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from webhooks.values import Attempt, Fault


@dataclass(frozen=True, slots=True)
class Rules:
    """Opens after at least `calls` in `window` seconds of which `share` failed; stays open `rest` seconds.

    Each further opening doubles the rest up to `longest_rest`. A probe without a result after `probe_seconds`
    is taken as lost and another is let through.
    """

    calls: int = 10
    share: float = 0.7
    window: float = 300.0
    rest: float = 30.0
    longest_rest: float = 1800.0
    probe_seconds: float = 60.0


DEFAULT_RULES: Final = Rules()


class Phase(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


@dataclass(frozen=True, slots=True)
class Circuit:
    """`since` is when the phase began, in a closed circuit when its window began. `trips` counts openings."""

    phase: Phase = Phase.CLOSED
    since: float = 0.0
    good: int = 0
    bad: int = 0
    trips: int = 0


def admit(circuit: Circuit, rules: Rules, now: float) -> tuple[Circuit, float]:
    """Ask for one call: the new state, and 0 when it may be made, else the seconds to wait first."""
    if circuit.phase is Phase.CLOSED:
        return circuit, 0.0
    ready = circuit.since + (_rest(circuit, rules) if circuit.phase is Phase.OPEN else rules.probe_seconds)
    if now < ready:
        return circuit, ready - now
    return replace(circuit, phase=Phase.PROBING, since=now), 0.0


def record(circuit: Circuit, rules: Rules, *, worked: bool, now: float) -> Circuit:
    """The state after a call's result. One that comes while it is open began before: no change."""
    if circuit.phase is Phase.OPEN:
        return circuit
    if circuit.phase is Phase.PROBING:
        return Circuit(since=now) if worked else _opened(circuit, now)
    counted = _counted(circuit, rules, worked, now)
    return _opened(counted, now) if _tripped(counted, rules) else counted


def strains(attempt: Attempt) -> bool:
    """Whether an attempt speaks against the host itself: unreachable, silent or broken.

    A 4xx answer does not (the host is well, it dislikes this message, or wants fewer of them), nor does a
    refused address.
    """
    if attempt.status is not None:
        return attempt.status >= 500
    return attempt.fault is not Fault.REFUSED


def _rest(circuit: Circuit, rules: Rules) -> float:
    doublings = min(circuit.trips - 1, 30)
    return float(min(rules.rest * 2**doublings, rules.longest_rest))


def _opened(circuit: Circuit, now: float) -> Circuit:
    return Circuit(phase=Phase.OPEN, since=now, trips=circuit.trips + 1)


def _counted(circuit: Circuit, rules: Rules, worked: bool, now: float) -> Circuit:
    fresh = now - circuit.since >= rules.window or not (circuit.good or circuit.bad)
    current = Circuit(since=now) if fresh else circuit
    if worked:
        return replace(current, good=current.good + 1)
    return replace(current, bad=current.bad + 1)


def _tripped(circuit: Circuit, rules: Rules) -> bool:
    total = circuit.good + circuit.bad
    return total >= rules.calls and circuit.bad >= rules.share * total
