from __future__ import annotations

from datetime import UTC, datetime

import pytest

from webhooks.circuit import Rules
from webhooks.pacing import BUILDER_PACE, Pace, shared
from webhooks.traffic import ALL_AT_ONCE, Sender, Traffic
from webhooks.values import Attempt, Fault, Outcome

SHOP, BLOG = "https://shop.example/hook", "https://blog.example/hook"
FREE = Pace(per_second=1000, burst=1000)


def attempt(status: int | None = 200, retry_after: float | None = None) -> Attempt:
    fault = Fault.TIMEOUT if status is None else None
    return Attempt(datetime.now(UTC), status, 1, None, None, Outcome.RETRY, retry_after, fault)


def test_each_host_has_its_own_pace() -> None:
    traffic = Traffic(pace=Pace(per_second=1, burst=2), at_once=100)
    assert [traffic.admit(SHOP, 0), traffic.admit(SHOP + "?other", 0), traffic.admit(SHOP, 0)] == [0, 0, 1]
    assert traffic.admit(BLOG, 0) == 0


def test_no_more_than_so_many_at_once() -> None:
    traffic = Traffic(pace=FREE, at_once=2)
    assert [traffic.admit(SHOP, 0) > 0 for _ in range(3)] == [False, False, True]
    traffic.record(SHOP, attempt(), 1)
    assert traffic.admit(SHOP, 1) == 0
    traffic.abandon(SHOP, 1)
    assert traffic.admit(SHOP, 1) == 0
    assert traffic.admit(SHOP, 1) > 0


def test_a_host_that_is_down_does_not_hold_up_another() -> None:
    traffic = Traffic(pace=FREE, rules=Rules(calls=3, rest=30))
    for _ in range(3):
        assert traffic.admit(SHOP, 0) == 0
        traffic.record(SHOP, attempt(None), 0)
    assert traffic.admit(SHOP, 1) == 29
    assert traffic.admit(BLOG, 1) == 0
    assert traffic.admit(SHOP, 30) == 0
    assert traffic.admit(SHOP, 30) > 0


def test_a_circuit_that_is_shut_costs_no_pace() -> None:
    traffic = Traffic(pace=Pace(per_second=0.001, burst=2), rules=Rules(calls=1, rest=30))
    traffic.admit(SHOP, 0)
    traffic.record(SHOP, attempt(500), 0)
    assert traffic.admit(SHOP, 1) == 29
    assert traffic.admit(SHOP, 2) == 28
    assert traffic.admit(SHOP, 30) == 0


def test_one_retry_after_holds_the_hosts_other_messages() -> None:
    traffic = Traffic(pace=FREE)
    traffic.admit(SHOP, 0)
    traffic.record(SHOP, attempt(429, 45), 0)
    assert traffic.admit(SHOP, 5) == 40
    assert traffic.admit(SHOP, 45) == 0
    traffic.record(SHOP, attempt(503, 86_400), 45)
    assert traffic.admit(SHOP, 45) == 600


def test_hosts_not_seen_for_long_are_forgotten() -> None:
    traffic = Traffic(pace=Pace(per_second=0.0001, burst=1), at_once=1)
    traffic.admit(SHOP, 0)
    traffic.admit(BLOG, 0)
    traffic.record(BLOG, attempt(), 0)
    traffic.admit("https://new.example", 4000)
    assert traffic.admit(BLOG, 4000) == 0
    assert traffic.admit(SHOP, 4000) > 0


def test_an_address_that_cannot_be_read_has_a_pace_too() -> None:
    traffic = Traffic(pace=Pace(per_second=1, burst=1), at_once=9)
    assert [traffic.admit("https://0177.0.0.1/", 0) for _ in "12"] == [0, 1]


@pytest.mark.parametrize("workers", [1, 2, 3, 6])
def test_a_builders_host_is_never_called_30_times_in_a_second(workers: int) -> None:
    pace, called = shared(BUILDER_PACE, workers), []
    traffic = [Traffic() for _ in range(workers)]
    waiting = [(0.0, number % workers, False) for number in range(200)]
    while waiting:
        now, worker, leaves = waiting.pop(0)
        if leaves:
            called.append(now)
            traffic[worker].record(SHOP, attempt(), now)
        elif seconds := traffic[worker].enter(SHOP, now, pace):
            waiting = sorted([*waiting, (now + seconds, worker, False)])
        else:
            waiting = sorted([*waiting, (now + traffic[worker].leave(SHOP, now, pace), worker, True)])
    assert len(called) == 200
    assert max(sum(at <= one < at + 1 for one in called) for at in called) < 30
    assert max(called) < 200 / (pace.per_second * workers) + 1


def test_a_backlog_is_worked_off_as_fast_as_the_host_allows() -> None:
    """Forty at once, then twenty a second: whoever was sent away must not keep turns from being used."""
    traffic, called = Traffic(), []
    waiting = sorted((max(0.0, number - 40) / 20, False) for number in range(400))
    while waiting:
        now, leaves = waiting.pop(0)
        if leaves:
            called.append(now)
            traffic.record(SHOP, attempt(), now)
        elif seconds := traffic.enter(SHOP, now, BUILDER_PACE):
            waiting = sorted([*waiting, (now + seconds, False)])
        else:
            waiting = sorted([*waiting, (now + traffic.leave(SHOP, now, BUILDER_PACE), True)])
    assert sum(at < 5 for at in called) > 0.95 * 5 * BUILDER_PACE.per_second
    assert max(called) < 18.5


def test_calls_that_become_ready_together_leave_one_by_one() -> None:
    traffic, pace = Traffic(), Pace(per_second=10, burst=2)
    assert [round(traffic.leave(SHOP, 5, pace), 3) for _ in range(4)] == [0, 0, 0.1, 0.2]
    assert traffic.leave(BLOG, 5, pace) == 0
    assert traffic.leave(SHOP, 6, pace) == 0


def test_what_one_sender_meets_at_a_host_holds_up_no_other() -> None:
    traffic = Traffic(pace=FREE, rules=Rules(calls=1, rest=30))
    for bad, retry_after in (("down", None), ("busy", 45.0)):
        traffic.admit(SHOP, 0, Sender(bad))
        traffic.record(SHOP, attempt(500 if bad == "down" else 429, retry_after), 0, Sender(bad))
        assert traffic.admit(SHOP, 1, Sender(bad)) > 20
        assert traffic.admit(SHOP, 1, Sender(bad, "another shop of theirs")) == 0
    pace = Pace(per_second=10, burst=20)
    assert traffic.enter(SHOP, 1, pace, Sender("busy")) == 44.1
    assert traffic.enter(SHOP, 1, pace, Sender("well")) == 0


def test_one_account_does_not_take_all_hands() -> None:
    traffic = Traffic(pace=FREE)
    theirs = Sender("slow")
    slow = [f"https://slow{number}.example" for number in range(ALL_AT_ONCE + 1)]
    assert [traffic.admit(url, 0, theirs) == 0 for url in slow] == [True] * ALL_AT_ONCE + [False]
    assert traffic.enter(SHOP, 0, BUILDER_PACE, theirs) > 0
    assert traffic.admit(SHOP, 0, Sender("another")) == 0
    traffic.record(slow[0], attempt(), 1, theirs)
    assert traffic.admit(SHOP, 1, theirs) == 0


def test_whoever_is_sent_away_gets_a_place_in_line() -> None:
    traffic = Traffic(rules=Rules(calls=2, rest=30))
    pace = Pace(per_second=10, burst=1, at_once=2)
    assert [traffic.enter(SHOP, 0, pace) for _ in range(4)] == [0, 0, 0.1, 0.2]
    assert traffic.enter(SHOP, 0.5, pace) > 0  # two are under way
    for _ in range(2):
        traffic.record(SHOP, attempt(503, retry_after=7), 1)
    assert traffic.enter(SHOP, 2, pace) == 6.1
    assert traffic.enter(SHOP, 40, pace) == 0  # the one probe after the rest
    traffic.record(SHOP, attempt(None), 40)
    assert traffic.enter(SHOP, 41, pace) > 0
