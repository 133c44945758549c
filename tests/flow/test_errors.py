"""Every row of the table of refusals, word for word, and what each leaves behind: nothing."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import requests

from tests.flow.api_account import ApiAccount
from tests.flow.hub_server import QUEUE_LIMIT
from tests.flow.refusals import nothing_left, problem
from tests.flow.running_hub import RunningHub

GENERATE = "/v1/tts/generate"
TOO_LONG = "Text must be at most 500 characters"


@pytest.fixture(scope="module")
def caller(hub_server: RunningHub) -> ApiAccount:
    return hub_server.new_account(plan="paid")


@pytest.mark.parametrize("fields", [{}, {"text": ""}, {"text": " \t\n "}, {"text": "\u2003\u00a0"}])
def test_text_cannot_be_empty(caller: ApiAccount, fields: dict[str, str]) -> None:
    with nothing_left(caller):
        problem(caller.post(GENERATE, data=fields), 400, "Text cannot be empty")
        problem(caller.post(GENERATE, json=fields), 400, "Text cannot be empty")


@pytest.mark.parametrize("character", ["a", "é", "\N{GRINNING FACE}"])
def test_text_of_501_characters(caller: ApiAccount, character: str) -> None:
    with nothing_left(caller):
        body = problem(caller.post(GENERATE, data={"text": character * 501}), 400, TOO_LONG)
    assert "/v1/tts/longform" in body["detail"]


def test_500_characters_within_white_space_are_taken(caller: ApiAccount) -> None:
    accepted = caller.generate("  " + "a" * 500 + "\n")
    caller.cancel_all([accepted["id"]])


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer "}, {"Authorization": "Bearer sh_wrong"}, {"Authorization": "Basic dTpw"}],
    ids=["missing", "empty", "wrong", "basic"],
)
def test_missing_or_invalid_key(hub_server: RunningHub, headers: dict[str, str]) -> None:
    for method, path in [
        ("POST", GENERATE),
        ("GET", "/v1/account"),
        ("GET", f"/v1/tts/status/{uuid.uuid4()}"),
    ]:
        answer = requests.request(method, hub_server.url + path, headers=headers, timeout=10)
        problem(answer, 401, "Missing or invalid API key")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_insufficient_credits(hub_server: RunningHub) -> None:
    account = hub_server.new_account(plan="paid")
    accepted = [account.generate(f"Number {number}.") for number in range(10)]
    balance = account.balance()
    body = problem(account.post(GENERATE, data={"text": "One more."}), 402, "Insufficient credits")
    assert "50" in body["detail"]
    assert (body["balance"], body["price"]) == (0, 50)
    assert balance.credits == 0
    account.cancel_all(job["id"] for job in accepted)
    finals = [account.wait(job["id"]) for job in accepted]
    spent = 50 * sum(final["status"] == "completed" for final in finals)
    assert account.balance().credits == 500 - spent
    assert account.balance().held == 0


@pytest.mark.parametrize("path", ["{}", "not-an-id", "1"])
def test_generation_not_found(caller: ApiAccount, path: str) -> None:
    path = path.format(uuid.uuid4())
    problem(caller.get(f"/v1/tts/status/{path}"), 404, "Generation not found")
    problem(caller.request("DELETE", f"/v1/tts/generations/{path}"), 404, "Generation not found")


def test_another_accounts_generation_is_not_found(hub_server: RunningHub, caller: ApiAccount) -> None:
    owner = hub_server.new_account(plan="paid")
    mine = owner.generate("Nobody else may hear this.")["id"]
    with nothing_left(caller):
        problem(caller.get(f"/v1/tts/status/{mine}"), 404, "Generation not found")
        problem(caller.request("DELETE", f"/v1/tts/generations/{mine}"), 404, "Generation not found")
        problem(caller.post(f"/v1/tts/generations/{mine}/cancel"), 404, "Generation not found")
    assert owner.status(mine)["status"] != "cancelled"
    owner.cancel_all([mine])


def test_idempotency_key_with_another_request(caller: ApiAccount) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = caller.post(GENERATE, data={"text": "The first."}, headers=key)
    with nothing_left(caller):
        second = caller.post(GENERATE, data={"text": "The second."}, headers=key)
        problem(second, 409, "Idempotency-Key was used with a different request")
    caller.cancel_all([first.json()["id"]])
    caller.wait(first.json()["id"])


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("cfg_value", "abc", ("0.5", "5")),
        ("cfg_value", "0.4", ("0.5", "5")),
        ("cfg_value", "5.1", ("0.5", "5")),
        ("cfg_value", "nan", ("0.5", "5")),
        ("cfg_value", "inf", ("0.5", "5")),
        ("inference_timesteps", "3", ("4", "20")),
        ("inference_timesteps", "21", ("4", "20")),
        ("inference_timesteps", "7.5", ("4", "20")),
        ("language", "xx", ("en", "auto")),
        ("format", "aac", ("wav", "mp3", "flac", "opus")),
        ("seed", "lucky", ()),
        ("metadata", "[1, 2]", ()),
        ("metadata", "{broken", ()),
        ("callback_url", "gopher://example.com/", ("http",)),
        ("voice_ref", "not a file", ()),
    ],
)
def test_value_out_of_range_is_named(
    caller: ApiAccount, field: str, value: str, named: tuple[str, ...]
) -> None:
    with nothing_left(caller):
        answer = caller.post(GENERATE, data={"text": "Hello.", field: value})
        body = problem(answer, 422, field)
    assert all(allowed in body["detail"] for allowed in named), body


@pytest.mark.parametrize("value", ["abc", True, [2.0], 5.1])
def test_value_out_of_range_in_json_is_named(caller: ApiAccount, value: Any) -> None:
    with nothing_left(caller):
        problem(caller.post(GENERATE, json={"text": "Hello.", "cfg_value": value}), 422, "cfg_value")


def test_rate_limit(hub_server: RunningHub) -> None:
    account = hub_server.new_account(plan="trial")
    refused = account.post(GENERATE, data={"text": " "})
    allowed = 0
    while refused.status_code == 400 and allowed < 70:
        allowed += 1
        refused = account.post(GENERATE, data={"text": " "})
    problem(refused, 429, "Rate limit exceeded")
    assert allowed == 60
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert int(refused.headers["RateLimit-Limit"]) == 60
    assert int(refused.headers["RateLimit-Remaining"]) == 0
    assert 1 <= int(refused.headers["RateLimit-Reset"]) <= 60


def test_server_busy(hub_server: RunningHub) -> None:
    account = hub_server.new_account(plan="paid", credits=50 * QUEUE_LIMIT)
    accepted: list[str] = []
    with hub_server.paused("worker", "speak"):
        refused = account.post(GENERATE, data={"text": "Wait."})
        while refused.status_code == 202 and len(accepted) < 2 * QUEUE_LIMIT:
            accepted.append(refused.json()["id"])
            refused = account.post(GENERATE, data={"text": "Wait."})
        problem(refused, 503, "Server busy")
        assert int(refused.headers["Retry-After"]) >= 1
        assert account.balance().held <= 50 * len(accepted)
        assert {generation["id"] for generation in account.generations()} == set(accepted)
        account.cancel_all(accepted)
    assert len(accepted) > QUEUE_LIMIT / 2, "other tests may have left something in the queue"
    for generation in accepted:
        account.wait(generation)
    assert account.balance().held == 0
