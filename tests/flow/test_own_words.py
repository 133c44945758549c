"""Thirty-two texts at once from four accounts: each audio says its own words, and the money adds up."""

from __future__ import annotations

import pytest

from tests.flow.api_account import ApiAccount, Balance
from tests.flow.ear import word_error_rate
from tests.flow.sentences import SHORT
from tests.flow.spoken import EACH, Spoken


@pytest.mark.timeout(420)
def test_thirty_two_texts_at_once_keep_their_own_words(spoken_at_once: list[Spoken]) -> None:
    assert len({spoken.job for spoken in spoken_at_once}) == len(spoken_at_once) == 32
    for number, spoken in enumerate(spoken_at_once):
        assert _nearest(spoken.written) == number, f"{spoken.written!r} for {spoken.sentence!r}"
        assert word_error_rate([spoken.sentence], [spoken.written]) <= 0.34, spoken.written
    by_account: dict[ApiAccount, set[str]] = {}
    for spoken in spoken_at_once:
        by_account.setdefault(spoken.account, set()).add(spoken.job)
    assert len(by_account) == 4
    for account, jobs in by_account.items():
        _check_books(account, jobs)


def _nearest(transcript: str) -> int:
    errors = [word_error_rate([sentence], [transcript]) for sentence in SHORT]
    return errors.index(min(errors))


def _check_books(account: ApiAccount, submitted: set[str]) -> None:
    generations = account.generations()
    assert {generation["id"] for generation in generations} == submitted
    assert {generation["status"] for generation in generations} == {"completed"}
    assert sum(generation["credits_used"] for generation in generations) == 50 * EACH
    assert account.balance() == Balance(credits=500 - 50 * EACH, held=0)
