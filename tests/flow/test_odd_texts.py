"""Texts as people really send them: none breaks the hub, each ends in speech or in a reason."""

from __future__ import annotations

import pytest

from tests.flow.api_account import ApiAccount
from tests.flow.recordings import loudest, seconds_of
from tests.flow.refusals import nothing_left, problem
from tests.flow.running_hub import RunningHub

GENERATE = "/v1/tts/generate"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def caller(hub_server: RunningHub) -> ApiAccount:
    return hub_server.new_account(plan="paid", credits=1000)


@pytest.mark.parametrize(
    "text",
    [
        "مرحبا بكم في متجرنا",
        "ברוכים הבאים לחנות שלנו",
        "\u202eHello there\u202c, friend.",
        "Hello\u200d\ufeff \u0301world\ufffd, again.",
        "(whispering) Come closer.",
    ],
    ids=["arabic", "hebrew", "override", "invisible", "cue"],
)
def test_is_spoken(caller: ApiAccount, text: str) -> None:
    audio = caller.speak(text)
    assert 0.4 < seconds_of(audio) < 10
    assert loudest(audio) > 0.05


def test_nothing_to_say_ends_with_a_reason_and_costs_nothing(hub_server: RunningHub) -> None:
    account = hub_server.new_account(plan="paid")
    final = account.wait(account.generate("... --- ... !?!")["id"])
    assert final["status"] == "failed"
    assert final["error"]["code"] == "nothing_to_speak"
    assert final["error"]["message"]
    assert final["output_url"] is None
    assert (account.balance().credits, account.balance().held) == (500, 0)


def test_control_characters_are_taken_out_with_a_warning(caller: ApiAccount) -> None:
    text = "Ring\x07 the\x1b bell\x08 now\x7f, Hello\0world."
    for body in ({"data": {"text": text}}, {"json": {"text": text}}):
        accepted = caller.post(GENERATE, **body)
        assert accepted.status_code == 202, accepted.text
        final = caller.completed(accepted.json()["id"])
        assert any("ontrol characters" in warning for warning in final["warnings"]), final
        assert final["duration_seconds"] > 0.8


def test_nothing_but_control_characters_is_empty(caller: ApiAccount) -> None:
    with nothing_left(caller):
        problem(caller.post(GENERATE, data={"text": "\0\0\x07 \u200b"}), 400, "Text cannot be empty")


def test_nothing_but_a_cue_is_empty(caller: ApiAccount) -> None:
    with nothing_left(caller):
        problem(caller.post(GENERATE, data={"text": "(cheerful)"}), 400, "Text cannot be empty")


def test_invalid_utf_8_is_refused(caller: ApiAccount) -> None:
    form = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nHello \xff\xfe\r\n--x--\r\n'
    json_body = b'{"text": "Hello \xff\xfe"}'
    with nothing_left(caller):
        for content_type, body in [
            ("multipart/form-data; boundary=x", form),
            ("application/x-www-form-urlencoded", b"text=Hello%20%ff%fe"),
            ("application/json", json_body),
        ]:
            answer = caller.post(GENERATE, data=body, headers={"Content-Type": content_type})
            assert "UTF-8" in problem(answer, 400, "")["detail"]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"text": '),
        ("application/json", b'["text"]'),
        ("application/json", b'{"text": ["Hello."]}'),
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b"no boundary at all"),
        ("application/xml", b"<text>Hello.</text>"),
        ("text/plain", b"Hello."),
    ],
)
def test_a_body_that_is_no_form(caller: ApiAccount, content_type: str, body: bytes) -> None:
    with nothing_left(caller):
        answer = caller.post(GENERATE, data=body, headers={"Content-Type": content_type})
        assert answer.status_code in (400, 415, 422), answer.text
        problem(answer, answer.status_code, "")


def test_an_unknown_field_is_ignored_with_a_warning(caller: ApiAccount) -> None:
    accepted = caller.generate("Hello there.", colour="blue")
    final = caller.completed(accepted["id"])
    assert any("colour" in warning for warning in final["warnings"]), final


def test_a_field_sent_twice_or_as_json_is_no_crash(caller: ApiAccount) -> None:
    twice = caller.post(GENERATE, data=b"text=One.&text=Two.", headers=FORM)
    assert twice.status_code in (202, 400, 422), twice.text
    if twice.status_code == 202:
        caller.completed(twice.json()["id"])


def test_metadata_comes_back(caller: ApiAccount) -> None:
    accepted = caller.post(
        GENERATE, json={"text": "Hello.", "metadata": {"order": 7, "naïve": "☕"}, "language": "en"}
    )
    assert accepted.status_code == 202, accepted.text
    final = caller.completed(accepted.json()["id"])
    assert final["metadata"] == {"order": 7, "naïve": "☕"}
