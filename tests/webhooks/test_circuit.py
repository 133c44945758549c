from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks.circuit import Circuit, Phase, Rules, admit, record, strains
from webhooks.values import Attempt, Fault, Outcome

RULES = Rules(calls=10, share=0.7, window=300, rest=30, longest_rest=200, probe_seconds=60)


def after(*results: bool, at: float = 0.0, circuit: Circuit | None = None) -> Circuit:
    circuit = circuit or Circuit()
    for worked in results:
        circuit = record(circuit, RULES, worked=worked, now=at)
    return circuit


def attempt(status: int | None, fault: Fault | None) -> Attempt:
    return Attempt(datetime.now(UTC), status, 1, None, None, Outcome.RETRY, fault=fault)


def test_it_opens_when_most_of_enough_calls_fail() -> None:
    assert after(*[False] * 9).phase is Phase.CLOSED
    assert after(*[False] * 10).phase is Phase.OPEN
    assert after(*[True] * 3, *[False] * 7).phase is Phase.OPEN
    assert after(*[True] * 4, *[False] * 9).phase is Phase.CLOSED


def test_it_counts_within_a_window_only() -> None:
    circuit = after(*[False] * 9)
    assert after(False, at=299, circuit=circuit).phase is Phase.OPEN
    assert after(False, at=300, circuit=circuit).bad == 1


def test_open_it_lets_nothing_through_until_its_time_is_over() -> None:
    circuit = after(*[False] * 10, at=1000)
    assert admit(circuit, RULES, 1000) == (circuit, 30)
    assert admit(circuit, RULES, 1029) == (circuit, 1)
    probing, wait = admit(circuit, RULES, 1030)
    assert (probing.phase, wait) == (Phase.PROBING, 0)


def test_one_probe_at_a_time_and_a_lost_one_is_replaced() -> None:
    probing, _ = admit(after(*[False] * 10), RULES, 30)
    assert admit(probing, RULES, 31) == (probing, 59)
    again, wait = admit(probing, RULES, 90)
    assert (again.phase, again.since, wait) == (Phase.PROBING, 90, 0)


def test_a_probe_that_works_closes_it_wholly() -> None:
    probing, _ = admit(after(*[False] * 10), RULES, 30)
    closed = record(probing, RULES, worked=True, now=31)
    assert (closed.phase, closed.trips, closed.bad) == (Phase.CLOSED, 0, 0)
    assert admit(closed, RULES, 31) == (closed, 0)


def test_each_probe_that_fails_doubles_the_rest() -> None:
    circuit, now, rests = after(*[False] * 10), 0.0, []
    for _ in range(5):
        _, rest = admit(circuit, RULES, now)
        rests.append(rest)
        probing, _ = admit(circuit, RULES, now + rest)
        now += rest
        circuit = record(probing, RULES, worked=False, now=now)
    assert rests == [30, 60, 120, 200, 200]


def test_late_results_change_nothing_while_it_is_open() -> None:
    circuit = after(*[False] * 10)
    assert record(circuit, RULES, worked=True, now=5) is circuit
    assert record(circuit, RULES, worked=False, now=5) is circuit


@pytest.mark.parametrize(
    ("status", "fault", "expected"),
    [
        (200, None, False),
        (404, Fault.STATUS, False),
        (410, Fault.STATUS, False),
        (429, Fault.STATUS, False),
        (500, Fault.STATUS, True),
        (None, Fault.TIMEOUT, True),
        (None, Fault.NO_CONNECTION, True),
        (None, Fault.NO_HOST, True),
        (None, Fault.REFUSED, False),
    ],
)
def test_what_speaks_against_a_host(status: int | None, fault: Fault | None, expected: bool) -> None:
    assert strains(attempt(status, fault)) is expected


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 100)), max_size=100))
def test_it_never_stays_shut_for_ever(events: list[tuple[bool, float]]) -> None:
    circuit, now = Circuit(), 0.0
    for worked, gap in events:
        now += gap
        circuit, wait = admit(circuit, RULES, now)
        assert 0 <= wait <= RULES.longest_rest
        if not wait:
            circuit = record(circuit, RULES, worked=worked, now=now)
    assert admit(circuit, RULES, now + RULES.longest_rest + 0.001)[1] == 0
