from __future__ import annotations

from datetime import UTC, datetime, timedelta

from webhooks.health import Health
from webhooks.values import Attempt, Outcome

START = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def after(*attempts: tuple[Outcome, timedelta]) -> Health:
    health = Health()
    for outcome, at in attempts:
        health = health.after(Attempt(START + at, 500, 1, None, None, outcome))
    return health


def test_a_fresh_endpoint_is_well() -> None:
    assert not Health().spent(START)


def test_five_days_of_nothing_but_failures() -> None:
    failing = after((Outcome.RETRY, 0 * DAY), (Outcome.RETRY, 1 * DAY), (Outcome.REFUSED, 4 * DAY))
    assert failing.failures == 3
    assert not failing.spent(START + 5 * DAY - HOUR)
    assert failing.spent(START + 5 * DAY)


def test_one_success_begins_anew() -> None:
    mended = after((Outcome.RETRY, 0 * DAY), (Outcome.RETRY, 3 * DAY), (Outcome.DELIVERED, 4 * DAY))
    assert mended == Health()


def test_one_bad_hour_is_not_five_days() -> None:
    assert not after((Outcome.RETRY, 0 * HOUR), (Outcome.RETRY, HOUR)).spent(START + 9 * DAY)
    assert not after((Outcome.RETRY, 0 * HOUR)).spent(START + 9 * DAY)


def test_a_receiver_that_is_gone_is_gone_at_once() -> None:
    gone = after((Outcome.GONE, 0 * DAY))
    assert gone.spent(START)
    assert gone.after(Attempt(START, 500, 1, None, None, Outcome.RETRY)).spent(START)
