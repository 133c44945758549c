from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks.schedule import DELAYS, MAX_ATTEMPTS, next_time, parse_retry_after
from webhooks.values import Attempt, Fault, Outcome

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
HOUR = 3600
HUGE_YEAR = "Sun, 22 Nov 99999999999999999999 10:00:00 GMT"


def middle(low: float, high: float) -> float:
    return (low + high) / 2


def attempt(
    outcome: Outcome = Outcome.RETRY,
    *,
    status: int | None = 500,
    retry_after: float | None = None,
    fault: Fault | None = Fault.STATUS,
) -> Attempt:
    return Attempt(AT, status, 12, "no", None, outcome, retry_after, fault)


def wait(made: int, tried: Attempt) -> float:
    moment = next_time(tried, made, middle)
    assert moment is not None
    return (moment - AT).total_seconds()


def test_the_recommended_delays() -> None:
    waits = [round(wait(made, attempt())) for made in range(1, MAX_ATTEMPTS)]
    assert waits == [5, 300, 1800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]
    assert sum(waits) == 75 * HOUR + 35 * 60 + 5


def test_the_tenth_is_the_last() -> None:
    assert next_time(attempt(), MAX_ATTEMPTS, middle) is None
    assert next_time(attempt(), MAX_ATTEMPTS + 1, middle) is None


@pytest.mark.parametrize("outcome", [Outcome.DELIVERED, Outcome.GONE, Outcome.REFUSED])
def test_what_is_decided_is_not_tried_again(outcome: Outcome) -> None:
    assert next_time(attempt(outcome), 1, middle) is None


@given(made=st.integers(1, MAX_ATTEMPTS - 1), share=st.floats(0, 1))
def test_jitter_stays_within_a_fifth(made: int, share: float) -> None:
    moment = next_time(attempt(), made, lambda low, high: low + share * (high - low))
    assert moment is not None
    delay = (moment - AT).total_seconds()
    assert DELAYS[made] * 0.8 - 0.001 <= delay <= DELAYS[made] * 1.2 + 0.001


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_an_overloaded_receiver_gets_a_minute(status: int) -> None:
    assert wait(1, attempt(status=status)) == 60
    assert wait(2, attempt(status=status)) == pytest.approx(300)


def test_a_timeout_gets_a_minute() -> None:
    assert wait(1, attempt(status=None, fault=Fault.TIMEOUT)) == 60
    assert wait(1, attempt(status=None, fault=Fault.NO_CONNECTION)) == pytest.approx(5)


@pytest.mark.parametrize(
    ("made", "asked", "waited"),
    [
        (1, 20, 20),
        (1, 0, 5),
        (1, 3, 5),
        (1, 3600, 3600),
        (1, 86_400, 3600),
        (2, 1000, 1000),
        (4, 3 * HOUR, 3 * HOUR),
        (4, 30 * HOUR, 4 * HOUR),
    ],
)
def test_retry_after_is_honoured_within_reason(made: int, asked: float, waited: float) -> None:
    assert wait(made, attempt(retry_after=asked)) == pytest.approx(waited)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("2.0", 2),
        ("Sun, 22 Nov 2026 10:01:30 GMT", 90),
        ("Sunday, 22-Nov-26 10:01:30 GMT", 90),
        ("Sun Nov 22 10:01:30 2026", 90),
        ("Sun, 22 Nov 2026 11:01:30 +0100", 90),
        ("Sun, 22 Nov 2026 09:00:00 GMT", 0),
        *(
            (value, None)
            for value in (None, "", "soon", "-5", "1e9", "٣", "9" * 10, "nan", "inf", "99:99", HUGE_YEAR)
        ),
    ],
)
def test_reading_retry_after(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, AT) == seconds


@given(st.text(max_size=60))
def test_any_retry_after_is_read_or_ignored(value: str) -> None:
    seconds = parse_retry_after(value, AT)
    assert seconds is None or seconds >= 0


def test_it_counts_from_the_attempt() -> None:
    moment = next_time(attempt(retry_after=100), 1, middle)
    assert moment == AT + timedelta(seconds=100)
