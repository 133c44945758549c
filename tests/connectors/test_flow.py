from __future__ import annotations

import pytest

from connectors.errors import ConnectionBroken, PushRefused, TargetGone, TryAgain
from connectors.flow import Flow, Request, Response, accepted, drive


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, ConnectionBroken),
        (404, TargetGone),
        (410, TargetGone),
        (408, TryAgain),
        (429, TryAgain),
        (500, TryAgain),
        (503, TryAgain),
        (301, PushRefused),
        (400, PushRefused),
        (403, PushRefused),
        (422, PushRefused),
    ],
)
def test_a_status_says_what_to_do(status: int, error: type[Exception]) -> None:
    with pytest.raises(error, match=f"did not let us write the note: it answered {status}"):
        accepted(Response(status), "write the note")


def test_a_platform_s_wish_is_kept() -> None:
    with pytest.raises(TryAgain) as caught:
        accepted(Response(429, {"retry-after": "30"}), "write")
    assert caught.value.retry_after == "30"


def test_an_answer_that_is_no_json_is_none() -> None:
    assert Response(200, body=b"<html>").json is None
    assert Response(200, body=b"[" * 100_000).json is None
    assert Response(200, body=b'{"a":1}').json == {"a": 1}


async def test_a_flow_is_driven_to_its_result() -> None:
    def flow() -> Flow[int]:
        first = yield Request("GET", "https://a.example/1")
        second = yield Request("GET", "https://a.example/2")
        return first.status + second.status

    asked: list[str] = []

    async def send(request: Request) -> Response:
        asked.append(request.url)
        return Response(200 + len(asked))

    assert await drive(flow(), send) == 403
    assert asked == ["https://a.example/1", "https://a.example/2"]


async def test_a_flow_that_never_ends_is_stopped() -> None:
    def flow() -> Flow[None]:
        while True:
            yield Request("GET", "https://a.example")

    async def send(request: Request) -> Response:
        return Response(200)

    with pytest.raises(PushRefused, match="more than 20 requests"):
        await drive(flow(), send)
    with pytest.raises(PushRefused, match="more than 3 requests"):
        await drive(flow(), send, most=3)


async def test_a_flow_hears_that_nobody_answered() -> None:
    """And may go on, or say what the next try must know."""

    def flow() -> Flow[int]:
        try:
            yield Request("GET", "https://a.example/1")
        except TryAgain:
            answered = yield Request("GET", "https://a.example/2")
        try:
            yield Request("GET", "https://a.example/1")
        except TryAgain as error:
            error.keep = {"status": str(answered.status)}
            raise
        return 0

    async def send(request: Request) -> Response:
        if request.url.endswith("1"):
            raise TryAgain("The platform did not answer.")
        return Response(200)

    with pytest.raises(TryAgain) as caught:
        await drive(flow(), send)
    assert caught.value.keep == {"status": "200"}
