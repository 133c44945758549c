"""A signed link works with GET, HEAD and Range while it lives, and is dead after its time or its audio."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
import requests

from hub.hub import utc_now
from hub.links import link_expiry, sign_audio_link
from hub.secrets import load_secrets
from hub.settings import Settings
from tests.flow.api_account import ApiAccount
from tests.flow.refusals import problem
from tests.flow.running_hub import RunningHub

DEAD = (403, 404, 410)


@pytest.fixture(scope="module")
def caller(hub_server: RunningHub) -> ApiAccount:
    return hub_server.new_account(plan="paid")


@pytest.fixture(scope="module")
def final(caller: ApiAccount) -> dict[str, Any]:
    return caller.completed(caller.generate("A link to listen to.", language="en")["id"])


@pytest.fixture(scope="module")
def whole(caller: ApiAccount, final: dict[str, Any]) -> bytes:
    return caller.audio(final)


def _get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=10)


def test_head_tells_what_get_gives(final: dict[str, Any], whole: bytes) -> None:
    head = requests.head(final["output_url"], timeout=10)
    assert head.status_code == 200
    assert int(head.headers["Content-Length"]) == len(whole)
    assert head.headers["Accept-Ranges"] == "bytes"
    assert head.headers["Content-Type"] == _get(final["output_url"]).headers["Content-Type"]
    assert head.content == b""


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, None),
        ("bytes=-50", -50, None),
        ("bytes=10-999999999", 10, None),
    ],
)
def test_a_range(final: dict[str, Any], whole: bytes, asked: str, start: int, stop: int | None) -> None:
    answer = _get(final["output_url"], Range=asked)
    wanted = whole[start:stop]
    first = start % len(whole)
    assert answer.status_code == 206
    assert answer.content == wanted
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(wanted) - 1}/{len(whole)}"


def test_a_range_behind_the_end(final: dict[str, Any], whole: bytes) -> None:
    answer = _get(final["output_url"], Range=f"bytes={len(whole)}-")
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(whole)}"


@pytest.mark.parametrize("asked", ["lines=1-2", "bytes=abc", "bytes=5-2"])
def test_a_range_that_is_none_is_ignored_or_refused(final: dict[str, Any], whole: bytes, asked: str) -> None:
    answer = _get(final["output_url"], Range=asked)
    assert answer.status_code in (200, 400, 416)
    if answer.status_code == 200:
        assert answer.content == whole


def test_the_link_needs_no_key_and_says_when_it_ends(final: dict[str, Any]) -> None:
    assert _get(final["output_url"]).status_code == 200
    assert final["output_expires_at"].endswith(("Z", "+00:00"))


def test_every_status_call_makes_a_working_link(caller: ApiAccount, final: dict[str, Any]) -> None:
    again = caller.status(final["id"])
    assert again["output_expires_at"] >= final["output_expires_at"]
    assert _get(again["output_url"]).status_code == 200


def test_a_link_with_one_letter_changed_is_dead(final: dict[str, Any]) -> None:
    parts = urlsplit(final["output_url"])
    query = parse_qsl(parts.query)
    assert query, "the signature is expected in the query"
    for position, (name, value) in enumerate(query):
        changed = [*query[:position], (name, value[:-1] + _another(value[-1])), *query[position + 1 :]]
        answer = _get(urlunsplit(parts._replace(query=urlencode(changed))))
        assert answer.status_code in DEAD, f"{name}: {answer.status_code}"
        assert b"RIFF" not in answer.content
    assert _get(urlunsplit(parts._replace(query=""))).status_code in (401, *DEAD)
    assert _get(f"{final['output_url']}0").status_code in DEAD


def _another(letter: str) -> str:
    return "0" if letter != "0" else "1"


def test_a_signature_opens_its_own_audio_only(caller: ApiAccount, final: dict[str, Any]) -> None:
    other = caller.completed(caller.generate("Another link.", language="en")["id"])
    mine, theirs = urlsplit(final["output_url"]), urlsplit(other["output_url"])
    answer = _get(urlunsplit(mine._replace(query=theirs.query)))
    assert answer.status_code in DEAD


def test_a_deleted_generation_is_gone(hub_server: RunningHub) -> None:
    account = hub_server.new_account(plan="paid")
    final = account.completed(account.generate("Forget me.", language="en")["id"])
    assert account.request("DELETE", f"/v1/tts/generations/{final['id']}").status_code == 204
    assert _get(final["output_url"]).status_code in DEAD
    assert requests.head(final["output_url"], timeout=10).status_code in DEAD
    problem(account.get(f"/v1/tts/status/{final['id']}"), 404, "Generation not found")
    assert account.generations() == []
    assert account.balance().credits == 450


def test_a_cancelled_generation_costs_nothing(hub_server: RunningHub) -> None:
    account = hub_server.new_account(plan="paid")
    jobs = [account.generate("This will not be spoken to its end. " * 10)["id"] for _ in range(3)]
    answer = account.post(f"/v1/tts/generations/{jobs[-1]}/cancel")
    assert answer.status_code == 200, answer.text
    account.cancel_all(jobs)
    finals = [account.wait(job) for job in jobs]
    assert finals[-1]["status"] == "cancelled"
    assert finals[-1]["output_url"] is None
    assert account.balance().held == 0
    assert account.balance().credits == 500 - 50 * sum(final["status"] == "completed" for final in finals)


def test_an_expired_link_is_dead_and_a_new_one_works(
    hub_server: RunningHub, caller: ApiAccount, final: dict[str, Any]
) -> None:
    """Signed as the hub signs, for a time that is over."""

    def link(seconds: int) -> str:
        return sign_audio_link(
            base_url=hub_server.url,
            secrets=load_secrets(Settings(data=hub_server.data, _env_file=None)),
            generation_id=final["id"],
            extension="wav",
            expires_at=link_expiry(utc_now(), seconds),
        )

    assert _get(link(60)).status_code == 200
    dead = link(-2)
    assert _get(dead).status_code == 410
    assert requests.head(dead, timeout=10).status_code == 410
    assert _get(caller.status(final["id"])["output_url"]).status_code == 200


def test_a_link_dies_when_it_says(caller: ApiAccount, final: dict[str, Any]) -> None:
    said = datetime.fromisoformat(caller.status(final["id"])["output_expires_at"])
    lifetime = (said - utc_now()).total_seconds()
    assert lifetime == pytest.approx(Settings(_env_file=None).link_lifetime, abs=5)
    asked = dict(parse_qsl(urlsplit(caller.status(final["id"])["output_url"]).query))
    assert int(asked["expires"]) == pytest.approx(said.timestamp(), abs=2)
