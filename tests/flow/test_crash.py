"""Parts of the hub are killed with kill -9: nothing is lost, nothing happens twice, the books balance."""

from __future__ import annotations

import os
import signal
import time

import pytest
import requests

from tests.flow.api_account import ApiAccount, Balance
from tests.flow.recordings import seconds_of
from tests.flow.running_hub import RunningHub

TEXT = "A text of some length keeps the worker busy for a while."
SHORT = "Number {}."


def _until_processing(account: ApiAccount, generation: str) -> None:
    deadline = time.monotonic() + 60
    while account.status(generation)["status"] != "processing":
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_job_outlives_its_worker(hub_server: RunningHub) -> None:
    account = hub_server.new_account(plan="paid")
    generation = account.generate(TEXT, language="en")["id"]
    _until_processing(account, generation)
    hub_server.kill("worker", "speak")
    killed = time.monotonic()
    final = account.completed(generation, seconds=60)
    print(f"completed {time.monotonic() - killed:.1f} s after its worker was killed")
    assert seconds_of(account.audio(final)) == pytest.approx(final["duration_seconds"], abs=0.05)
    assert [generation["id"] for generation in account.generations()] == [final["id"]]
    assert account.balance() == Balance(credits=450, held=0)
    hub_server.wait_ready(30)


def test_no_event_is_lost_when_one_part_after_the_other_is_killed(hub_server: RunningHub) -> None:
    account = hub_server.new_account(plan="paid")
    sent = [account.generate("Number zero.", language="en")["id"]]
    for words in (("valkey-server",), ("hub", "web"), ("worker", "deliver")):
        sent += [_generate_when_up(account, SHORT.format(f"{words[-1]} {name}")) for name in ("one", "two")]
        hub_server.kill(*words)
    for generation in sent:
        _completed_when_up(account, generation)
    hub_server.wait_ready(30)
    assert sorted(generation["id"] for generation in account.generations()) == sorted(sent)
    assert account.balance() == Balance(credits=500 - 50 * len(sent), held=0)


def test_everything_killed_at_once_comes_back(hub_server: RunningHub) -> None:
    account = hub_server.new_account(plan="paid")
    jobs = [account.generate(SHORT.format(name), language="en")["id"] for name in ("six", "seven", "eight")]
    for child in hub_server.children():
        try:
            os.kill(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    for generation in jobs:
        _completed_when_up(account, generation)
    hub_server.wait_ready(30)
    assert len(account.generations()) == 3
    assert account.balance() == Balance(credits=350, held=0)


def _generate_when_up(account: ApiAccount, text: str) -> str:
    """Sends with an Idempotency-Key and again until an answer comes, as a careful client does."""
    deadline = time.monotonic() + 60
    headers = {"Idempotency-Key": text}
    while True:
        try:
            answer = account.post("/v1/tts/generate", data={"text": text, "language": "en"}, headers=headers)
        except requests.ConnectionError:
            answer = None
        if answer is not None and answer.status_code == 202:
            generation: str = answer.json()["id"]
            return generation
        assert answer is None or answer.status_code == 503, answer.text
        assert time.monotonic() < deadline, "the hub did not come back"
        time.sleep(0.2)


def _completed_when_up(account: ApiAccount, generation: str) -> None:
    deadline = time.monotonic() + 100
    while True:
        try:
            account.completed(generation, seconds=max(1.0, deadline - time.monotonic()))
        except requests.ConnectionError:
            assert time.monotonic() < deadline, "the hub did not come back"
            time.sleep(0.2)
        else:
            return
