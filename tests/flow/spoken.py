"""Audio two tests listen to: whether each has its own words, and how well they are understood."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.flow.api_account import ApiAccount
from tests.flow.ear import heard_in_turn
from tests.flow.recordings import samples
from tests.flow.running_hub import RunningHub
from tests.flow.sentences import SHORT

ACCOUNTS = 4
EACH = 8


@dataclass(frozen=True)
class Spoken:
    """One sentence of `SHORT`, spoken for `account` as `job`, and what the ear wrote down."""

    account: ApiAccount
    job: str
    sentence: str
    written: str


@pytest.fixture(scope="session")
def spoken_at_once(hub_server: RunningHub) -> list[Spoken]:
    """The thirty-two short sentences, sent at one time by four accounts in turn."""
    accounts = [hub_server.new_account(plan="paid") for _ in range(ACCOUNTS)]
    orders = [(accounts[number % ACCOUNTS], SHORT[number]) for number in range(ACCOUNTS * EACH)]
    with ThreadPoolExecutor(len(orders)) as pool:
        jobs = list(pool.map(lambda order: order[0].generate(order[1], language="en")["id"], orders))
    recordings = [
        samples(account.audio(account.completed(job, seconds=240)))
        for (account, _), job in zip(orders, jobs, strict=True)
    ]
    return [
        Spoken(account, job, sentence, written)
        for (account, sentence), job, written in zip(orders, jobs, heard_in_turn(recordings), strict=True)
    ]
