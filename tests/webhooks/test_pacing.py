from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from webhooks.pacing import Bucket, Pace, take

PACE = Pace(per_second=2.0, burst=3)


def test_a_burst_then_the_pace() -> None:
    bucket: Bucket | None = None
    waits = []
    for _ in range(4):
        bucket, wait = take(bucket, PACE, 100.0)
        waits.append(wait)
    assert waits == [0, 0, 0, 0.5]
    bucket, wait = take(bucket, PACE, 100.25)
    assert wait == 0.25
    bucket, wait = take(bucket, PACE, 100.5)
    assert wait == 0


def test_rest_earns_no_more_than_a_burst() -> None:
    bucket, _ = take(None, PACE, 0.0)
    allowed = 0
    for _ in range(10):
        bucket, wait = take(bucket, PACE, 10_000.0)
        allowed += wait == 0
    assert allowed == 3


def test_a_clock_that_steps_back_earns_nothing() -> None:
    bucket, wait = take(Bucket(0.0, 100.0), PACE, 50.0)
    assert (bucket.tokens, wait) == (0.0, 0.5)


@given(st.lists(st.floats(0, 2), max_size=80))
def test_never_more_than_burst_and_pace_allow(gaps: list[float]) -> None:
    bucket: Bucket | None = None
    now, allowed = 0.0, 0
    for gap in gaps:
        now += gap
        bucket, wait = take(bucket, PACE, now)
        allowed += wait == 0
    assert allowed <= PACE.burst + PACE.per_second * now + 0.001


@given(st.floats(0, 2.9), st.floats(0, 100))
def test_after_the_wait_it_is_allowed(tokens: float, now: float) -> None:
    bucket, wait = take(Bucket(tokens, now), PACE, now)
    if wait:
        assert take(bucket, PACE, now + wait + 0.001)[1] == 0
