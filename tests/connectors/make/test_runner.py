"""How requests are carried out, where the hub gives no occasion to see it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from connectors.make.errors import AppInvalid, MakeError
from connectors.make.runner import MOST_PAGES, Run, World

BASE = {"baseUrl": "https://hub.example/v1", "headers": {"x-app": "make"}}
ERROR = {"message": "[{{statusCode}}] {{ifempty(body.detail, 'no reason')}}", "402": {"message": "Pay."}}
Answering = Callable[[httpx.Request], httpx.Response]


async def carried_out(step: Any, answer: Answering, **variables: Any) -> tuple[list[Any], Run]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        run = Run(World(client, sleep=_at_once), BASE, variables)
        return await run.carry_out(step), run


async def _at_once(seconds: float) -> None:
    return None


def saying(*bodies: Any, status: int = 200) -> Answering:
    """Each body in turn, the last one for ever."""
    said = iter(bodies)
    last: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        last[:] = [next(said, *last)]
        return httpx.Response(status, json=last[0])

    return answer


async def failing(step: Any, answer: Answering) -> MakeError:
    with pytest.raises(MakeError) as raised:
        await carried_out(step, answer)
    return raised.value


async def test_relative_addresses_are_the_bases_and_double_slashes_collapse() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(204)

    bundles, _ = await carried_out(
        {"url": "//a//{{b}}", "qs": {"c": ["1", "2"], "d": "{{none}}"}}, answer, b="x"
    )
    assert str(asked[0].url) == "https://hub.example/v1/a/x?c=1&c=2"
    assert asked[0].headers["x-app"] == "make"
    assert len(bundles) == 1
    with pytest.raises(AppInvalid, match="not a whole address"):
        await carried_out({"url": "a"}, answer)


@pytest.mark.parametrize(
    ("status", "error", "kind", "message"),
    [
        (429, None, "RateLimitError", "[429]"),
        (500, None, "ConnectionError", "[500]"),
        (418, "{{body.detail}}", "RuntimeError", "Tea."),
        (402, ERROR, "RuntimeError", "Pay."),
        (404, {**ERROR, "type": "DataError"}, "DataError", "[404] Tea."),
        (404, {"message": "x", "type": "{{'MaxFileSizeError'}}"}, "RuntimeError", "x"),
    ],
)
async def test_an_error_has_a_kind_and_words(status: int, error: Any, kind: str, message: str) -> None:
    response = {} if error is None else {"error": error}
    failed = await failing({"url": "/a", "response": response}, saying({"detail": "Tea."}, status=status))
    assert (failed.kind, failed.message, failed.status) == (kind, message, status)


async def test_an_answer_that_is_no_json_is_text_and_an_empty_one_nothing() -> None:
    for content, kind, body in ((b"<p>", "text/html", "<p>"), (b"{", "application/json", "{")):
        headers = {"content-type": kind}

        def answer(
            request: httpx.Request, content: bytes = content, headers: dict[str, str] = headers
        ) -> httpx.Response:
            return httpx.Response(200, content=content, headers=headers)

        assert (await carried_out({"url": "/a"}, answer))[0] == [body]
    bad_gateway = lambda request: httpx.Response(502, text="Bad gateway")  # noqa: E731
    failed = await failing({"url": "/a", "response": {"error": ERROR}}, bad_gateway)
    assert (failed.kind, failed.message) == ("ConnectionError", "[502] no reason")


async def test_what_is_not_valid_is_an_error() -> None:
    url = {"url": "/a"}
    for valid, kind, message in (
        ("{{body.ok}}", "RuntimeError", "[200] no reason"),
        (
            {"condition": "{{body.ok}}", "message": "Not {{body.ok}}.", "type": "DataError"},
            "DataError",
            "Not false.",
        ),
    ):
        response = {"valid": valid, "error": ERROR}
        failed = await failing({**url, "response": response}, saying({"ok": False}))
        assert (failed.kind, failed.message) == (kind, message)
    failed = await failing({"response": {"valid": False}}, saying({}))
    assert failed.message == "Response marked as invalid."


async def test_a_request_is_repeated_while_its_condition_holds_and_no_longer_than_its_limit() -> None:
    step = {
        "url": "/a",
        "repeat": {"condition": "{{temp.n < 3}}", "delay": 10, "limit": 5},
        "response": {"temp": {"n": "{{body.n}}"}},
    }
    assert (await carried_out(step, saying({"n": 1}, {"n": 2}, {"n": 3}, {"n": 4})))[0] == [{"n": 3}]
    counted = [0]

    def never(request: httpx.Request) -> httpx.Response:
        counted[0] += 1
        return httpx.Response(200, json={"n": 0})

    await carried_out(step, never)
    assert counted == [6]


async def test_pages_are_turned_until_there_are_no_more_or_enough() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url.query, "ascii"))
        return httpx.Response(200, json={"data": [1, 2], "next": len(asked)})

    step: dict[str, Any] = {
        "url": "/a",
        "qs": {"limit": 2},
        "response": {"iterate": "{{body.data}}", "limit": "{{limit}}"},
        "pagination": {"qs": {"cursor": "{{body.next}}"}, "condition": "{{body.next < 3}}"},
    }
    assert (await carried_out(step, answer))[0] == [1, 2] * 3
    assert asked == ["limit=2", "limit=2&cursor=1", "limit=2&cursor=2"]
    assert (await carried_out(step, answer, limit=1))[0] == [1]
    asked.clear()
    alone = {"url": "/b", "qs": {"page": "{{pagination.page}}"}, "mergeWithParent": False}
    bundles, _ = await carried_out({**step, "pagination": alone}, answer)
    assert asked[:3] == ["limit=2", "page=2", "page=3"]
    assert len(bundles) == 2 * MOST_PAGES


async def test_what_is_iterated_must_be_a_list() -> None:
    step = {"url": "/a", "response": {"iterate": "{{body.data}}"}}
    assert (await carried_out(step, saying({})))[0] == []
    with pytest.raises(AppInvalid, match="needs an array"):
        await carried_out(step, saying({"data": {}}))


async def test_without_anything_hidden_nothing_is_logged() -> None:
    step = {"url": "/a", "method": "POST", "body": {"secret": "s", "b": {"c": 1}}, "response": {}}
    _, run = await carried_out(step, saying({"token": "t"}))
    assert run.world.log == []
    hidden = ["request.body.secret", "response.body.token", "request.body.b.x", "request.headers.none"]
    _, run = await carried_out({**step, "log": {"sanitize": hidden}}, saying({"token": "t"}))
    (line,) = run.world.log
    assert line["request"]["body"] == {"secret": "*****", "b": {"c": 1}}
    assert line["response"]["body"] == {"token": "*****"}
    assert line["request"]["url"] == "https://hub.example/v1/a"


async def test_bodies_go_out_by_their_type() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={})

    body = {"a": "ä&b", "n": 2.0, "none": "{{none}}"}
    for kind in ("json", "urlencoded", "multipart/form-data"):
        await carried_out({"url": "/a", "method": "POST", "type": kind, "body": body}, answer)
    assert json.loads(sent[0].content) == {"a": "ä&b", "n": 2}
    assert sent[1].content == b"a=%C3%A4%26b&n=2"
    assert sent[2].headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="a"\r\n\r\n\xc3\xa4&b' in sent[2].content
    await carried_out(
        {"url": "/a", "method": "POST", "type": "text", "body": "{{raw}}"}, answer, raw=b"\x00\xff"
    )
    assert sent[3].content == b"\x00\xff"


async def test_the_clock_is_this_machines_unless_told() -> None:
    bundles, _ = await carried_out({"response": {"output": "{{now}}"}}, saying({}))
    assert abs((datetime.now(UTC) - bundles[0]).total_seconds()) < 60
