"""Thirty-two texts at once from four accounts: each audio says its own words, and the money adds up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.flow.api_account import ApiAccount, Balance
from tests.flow.ear import heard, word_error_rate
from tests.flow.running_hub import RunningHub
from tests.flow.sentences import ENGLISH

ACCOUNTS = 4
EACH = 8


@pytest.mark.timeout(420)
def test_thirty_two_texts_at_once_keep_their_own_words(hub_server: RunningHub) -> None:
    accounts = [hub_server.new_account(plan="paid") for _ in range(ACCOUNTS)]
    orders = [(accounts[number % ACCOUNTS], ENGLISH[number]) for number in range(ACCOUNTS * EACH)]
    with ThreadPoolExecutor(len(orders)) as pool:
        accepted = list(pool.map(lambda order: order[0].generate(order[1], language="en")["id"], orders))
    written = [_heard_when_done(account, job) for (account, _), job in zip(orders, accepted, strict=True)]

    assert len(set(accepted)) == len(orders)
    for number, transcript in enumerate(written):
        assert _nearest(transcript) == number, f"{transcript!r} for {ENGLISH[number]!r}"
        assert word_error_rate([ENGLISH[number]], [transcript]) <= 0.34, transcript
    for number, account in enumerate(accounts):
        _check_books(account, accepted[number::ACCOUNTS])


def _heard_when_done(account: ApiAccount, job: str) -> str:
    return heard(account.audio(account.completed(job, seconds=240)))


def _nearest(transcript: str) -> int:
    errors = [word_error_rate([sentence], [transcript]) for sentence in ENGLISH]
    return errors.index(min(errors))


def _check_books(account: ApiAccount, submitted: list[str]) -> None:
    generations = account.generations()
    assert {generation["id"] for generation in generations} == set(submitted)
    assert {generation["status"] for generation in generations} == {"completed"}
    assert sum(generation["credits_used"] for generation in generations) == 50 * EACH
    assert account.balance() == Balance(credits=500 - 50 * EACH, held=0)
