"""The same request sent many times is one job and one charge."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

from tests.flow.api_account import ApiAccount, Balance
from tests.flow.running_hub import RunningHub

GENERATE = "/v1/tts/generate"


def test_twenty_at_once_are_one_job_and_one_charge(account: ApiAccount) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    with ThreadPoolExecutor(20) as pool:
        form = {"data": {"text": "Only once."}, "headers": headers}
        answers = list(pool.map(lambda _: account.post(GENERATE, **form), range(20)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len({answer.text for answer in answers}) == 1
    assert len({answer.headers["Location"] for answer in answers}) == 1
    account.completed(answers[0].json()["id"])
    assert len(account.generations()) == 1
    assert account.balance() == Balance(credits=450, held=0)


def test_the_first_answer_comes_back_after_the_job_is_done(account: ApiAccount) -> None:
    headers = {"Idempotency-Key": "order-1"}
    first = account.post(GENERATE, data={"text": "Only once."}, headers=headers)
    account.completed(first.json()["id"])
    again = account.post(GENERATE, data={"text": "Only once."}, headers=headers)
    assert (again.status_code, again.json()) == (202, first.json())
    assert account.balance() == Balance(credits=450, held=0)


def test_the_key_belongs_to_one_account(account: ApiAccount, hub_server: RunningHub) -> None:
    other = hub_server.new_account(plan="paid")
    headers = {"Idempotency-Key": "order-1"}
    mine = account.post(GENERATE, data={"text": "Mine."}, headers=headers).json()["id"]
    theirs = other.post(GENERATE, data={"text": "Theirs."}, headers=headers).json()["id"]
    assert mine != theirs
    account.cancel_all([mine])
    other.cancel_all([theirs])


def test_a_clone_sent_twice_is_one_job(account: ApiAccount, reference: bytes) -> None:
    headers = {"Idempotency-Key": "clone-1"}
    files = {"voice_ref": ("reference.wav", reference, "audio/wav")}
    form = {"data": {"text": "Twice."}, "files": files, "headers": headers}
    answers = [account.post(GENERATE, **form) for _ in range(2)]
    assert answers[0].status_code == answers[1].status_code == 202
    assert answers[0].json()["id"] == answers[1].json()["id"]
    account.cancel_all([answers[0].json()["id"]])
    assert len(account.generations()) == 1


def test_a_refused_request_leaves_the_key_free(account: ApiAccount) -> None:
    headers = {"Idempotency-Key": "order-2"}
    assert account.post(GENERATE, data={"text": " "}, headers=headers).status_code == 400
    assert account.post(GENERATE, data={"text": "Now with words."}, headers=headers).status_code == 202
