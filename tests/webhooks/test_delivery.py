from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from standardwebhooks import Webhook

from tests.webhooks.certificates import Authority
from tests.webhooks.receiver import Receiver, receiving
from tests.webhooks.test_addresses import NEVER, PRIVATE
from webhooks import signing
from webhooks.delivery import send
from webhooks.errors import HostNotFound, SecretMalformed, SecretMissing
from webhooks.exchange import Bounds
from webhooks.guard import DEVELOPMENT, PUBLIC, Policy, open_client
from webhooks.schedule import next_time
from webhooks.values import Attempt, Fault, Message, Outcome, encode_event

SECRET = signing.new_secret()
PAYLOAD = encode_event("generation.completed", {"id": "g1", "text": "Grüße"}, datetime.now(UTC))
QUICK = Bounds(seconds=0.5)


def message(url: str, *, secrets: tuple[str, ...] = (SECRET,), payload: bytes = PAYLOAD) -> Message:
    return Message("msg_1", url, "generation.completed", payload, secrets)


async def deliver(url: str, *, policy: Policy = DEVELOPMENT, bounds: Bounds = QUICK) -> Attempt:
    async with open_client(policy) as client:
        return await send(message(url), client=client, bounds=bounds)


async def test_delivered_and_signed_so_that_the_official_library_accepts_it(receiver: Receiver) -> None:
    receiver.answers(200, b"thanks")
    attempt = await deliver(receiver.url())
    (request,) = receiver.requests
    Webhook(SECRET).verify(request.body, dict(request.headers))
    assert request.line == "POST /hook HTTP/1.1"
    assert request.body == PAYLOAD
    assert request.header("content-type") == "application/json"
    assert request.header("user-agent") == "Sayhook-Webhooks/1.0"
    assert (attempt.status, attempt.outcome, attempt.response) == (200, Outcome.DELIVERED, "thanks")
    assert (attempt.error, attempt.fault, attempt.retry_after) == (None, None, None)
    assert 0 <= attempt.milliseconds < 5000


async def test_each_attempt_has_the_same_id_and_bytes_and_its_own_time(receiver: Receiver) -> None:
    times = iter([datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)])
    async with open_client(DEVELOPMENT) as client:
        attempts = [await send(message(receiver.url()), client=client, now=lambda: next(times)) for _ in "12"]
    first, second = receiver.requests
    assert first.header("webhook-id") == second.header("webhook-id") == "msg_1"
    assert first.body == second.body
    assert int(second.header("webhook-timestamp")) - int(first.header("webhook-timestamp")) == 86_400
    assert attempts[1].at - attempts[0].at == timedelta(days=1)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((status, Outcome.DELIVERED) for status in (200, 201, 202, 204, 299)),
        *((status, Outcome.RETRY) for status in (301, 302, 307, 400, 401, 404, 408, 429, 500, 502, 503, 599)),
        (410, Outcome.GONE),
    ],
)
async def test_what_each_status_means(receiver: Receiver, status: int, outcome: Outcome) -> None:
    receiver.answers(status, location="http://127.0.0.1:1/")
    attempt = await deliver(receiver.url())
    assert (attempt.status, attempt.outcome) == (status, outcome)
    assert (attempt.error is None) == (outcome is Outcome.DELIVERED)
    assert str(status) in (attempt.error or str(status))
    assert receiver.connections == 1


@pytest.mark.parametrize(
    ("status", "word", "outcome"),
    [
        (200, "disable", Outcome.GONE),
        (500, "Disable", Outcome.GONE),
        (400, "abort-message", Outcome.REFUSED),
        (200, "abort-message", Outcome.DELIVERED),
        (500, "surprise", Outcome.RETRY),
    ],
)
async def test_a_receiver_may_end_it_in_a_header(
    receiver: Receiver, status: int, word: str, outcome: Outcome
) -> None:
    receiver.answers(status, webhook_delivery=word)
    assert (await deliver(receiver.url())).outcome is outcome


async def test_retry_after_is_reported(receiver: Receiver) -> None:
    receiver.answers(503, retry_after="120")
    attempt = await deliver(receiver.url())
    assert attempt.retry_after == 120
    assert attempt.slow_down


async def test_a_redirect_says_what_to_do(receiver: Receiver) -> None:
    receiver.answers(301, location=receiver.url())
    attempt = await deliver(receiver.url())
    assert "Redirects are not followed" in (attempt.error or "")
    assert receiver.connections == 1


async def test_only_the_start_of_a_huge_answer_is_read(receiver: Receiver) -> None:
    sent = 0

    async def flood(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 500 No\r\n\r\n")
        while sent < 200_000_000:
            writer.write(b"x" * 65_536)
            sent += 65_536
            await writer.drain()

    receiver.answer = flood
    attempt = await deliver(receiver.url(), bounds=Bounds(seconds=10))
    assert attempt.response == "x" * 4096
    assert attempt.status == 500
    assert sent < 50_000_000


async def test_a_compressed_answer_is_not_unpacked(receiver: Receiver) -> None:
    receiver.answers(200, b"\x1f\x8b\x08\x00bomb", content_encoding="gzip")
    attempt = await deliver(receiver.url())
    assert attempt.outcome is Outcome.DELIVERED
    assert "bomb" in (attempt.response or "")
    assert "\x00" not in (attempt.response or "")
    assert receiver.requests[0].header("accept-encoding") == "identity"


async def test_a_silent_receiver_is_given_up_in_time(receiver: Receiver) -> None:
    async def wait(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3)

    receiver.answer = wait
    started = time.monotonic()
    attempt = await deliver(receiver.url())
    assert time.monotonic() - started < 2
    assert (attempt.fault, attempt.outcome, attempt.status) == (Fault.TIMEOUT, Outcome.RETRY, None)
    assert attempt.error == "No answer within 0.5 s."
    assert attempt.slow_down


async def test_a_dripping_head_is_given_up_in_time(receiver: Receiver) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nx: " + b"y" * 60:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.05)

    receiver.answer = drip
    assert (await deliver(receiver.url())).fault is Fault.TIMEOUT


async def test_the_status_counts_though_the_body_drips_or_breaks(receiver: Receiver) -> None:
    async def stall(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nstart")
        await writer.drain()
        await asyncio.sleep(2)

    receiver.answer = stall
    attempt = await deliver(receiver.url())
    assert (attempt.outcome, attempt.response) == (Outcome.DELIVERED, "start")
    receiver.answers_raw(b"HTTP/1.1 500 No\r\ncontent-length: 99\r\n\r\nstart")
    attempt = await deliver(receiver.url())
    assert (attempt.outcome, attempt.status, attempt.response) == (Outcome.RETRY, 500, "start")


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nx"]
)
async def test_no_http_answer(receiver: Receiver, answer: bytes) -> None:
    receiver.answers_raw(answer)
    attempt = await deliver(receiver.url())
    assert (attempt.fault, attempt.outcome, attempt.status) == (Fault.BROKEN, Outcome.RETRY, None)


async def test_nobody_listens() -> None:
    async with receiving() as closed:
        url = closed.url()
    attempt = await deliver(url)
    assert (attempt.fault, attempt.outcome) == (Fault.NO_CONNECTION, Outcome.RETRY)


async def test_a_name_nobody_knows() -> None:
    async def nobody(host: str, port: int) -> Sequence[str]:
        raise HostNotFound("The host name could not be found.")

    async with open_client(PUBLIC, resolver=nobody) as client:
        attempt = await send(message("https://gone.test/hook"), client=client)
    assert (attempt.fault, attempt.outcome) == (Fault.NO_HOST, Outcome.RETRY)


async def test_tls_faults_name_their_reason(authority: Authority) -> None:
    async def here(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with (
        receiving(tls=authority.server("right.test")) as secure,
        open_client(DEVELOPMENT, resolver=here, tls=authority.client()) as client,
    ):
        right = await send(message(secure.url("right.test", "https")), client=client)
        wrong = await send(message(secure.url("wrong.test", "https")), client=client)
    assert right.outcome is Outcome.DELIVERED
    assert (wrong.fault, wrong.outcome) == (Fault.TLS, Outcome.RETRY)
    assert "not valid for 'wrong.test'" in (wrong.error or "")


async def test_a_receiver_that_speaks_no_tls() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test ESMTP\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        attempt = await deliver(f"https://127.0.0.1:{port}/", bounds=Bounds(seconds=5))
    assert (attempt.fault, attempt.outcome) == (Fault.TLS, Outcome.RETRY)
    assert attempt.error == "The TLS connection failed: the two sides could not agree on it."


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://127.0.0.1/",
            "https://localhost/",
            "https://[::1]/",
            "https://0.0.0.0/",
            "https://2130706433/",
        ),
        *("https://0x7f.1/", "https://127.1/", "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/"),
        *("https://169.254.169.254/latest/meta-data", "https://user@127.0.0.1/", "https://example.com:22/"),
        *("https://0177.0.0.1/", "http://example.com/", "not a url", "https://", "https://exa\nmple.com/"),
    ],
)
async def test_what_is_not_allowed_is_refused_for_good(url: str) -> None:
    attempt = await deliver(url, policy=PUBLIC)
    assert (attempt.outcome, attempt.fault, attempt.status) == (Outcome.REFUSED, Fault.REFUSED, None)
    assert attempt.error


async def test_a_name_that_leads_inside_is_refused_for_good(receiver: Receiver) -> None:
    async def inside(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    policy = Policy(allow_http=True, ports=None)
    async with open_client(policy, resolver=inside) as client:
        attempt = await send(message(receiver.url("evil.test")), client=client)
    assert (attempt.outcome, attempt.fault) == (Outcome.REFUSED, Fault.REFUSED)
    assert "127" not in (attempt.error or "")
    assert receiver.connections == 0


@pytest.mark.parametrize("allow_private", [False, True])
async def test_no_forbidden_address_is_tried_again(allow_private: bool) -> None:
    """The whole table, by a name and as a number; the name led to this machine before (DNS rebinding)."""
    forbidden = NEVER if allow_private else [*NEVER, *PRIVATE]
    policy = Policy(allow_http=True, allow_private=allow_private, ports=None)
    for address in forbidden:
        answers = [["127.0.0.1"], [address], [address, "127.0.0.1"]]

        async def rebound(host: str, port: int, answers: list[list[str]] = answers) -> Sequence[str]:
            return answers.pop(0)

        async with open_client(policy, resolver=rebound) as client:
            attempts = [await send(message("http://evil.test:1/"), client=client) for _ in range(3)]
        host = f"[{address}]" if ":" in address else address
        attempts.append(await deliver(f"http://{host}/", policy=policy))
        for attempt in attempts[1:]:
            assert attempt.outcome is Outcome.REFUSED, address
            assert next_time(attempt, 1, lambda low, high: 1.0) is None
            assert address not in (attempt.error or "")


async def test_secrets_that_cannot_sign_are_our_own_fault(receiver: Receiver) -> None:
    async with open_client(DEVELOPMENT) as client:
        with pytest.raises(SecretMissing):
            await send(message(receiver.url(), secrets=()), client=client)
        with pytest.raises(SecretMalformed):
            await send(message(receiver.url(), secrets=("hush",)), client=client)
    assert receiver.connections == 0


async def test_a_mistake_of_ours_is_not_taken_for_the_networks() -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise KeyError("ours")

    async with httpx.AsyncClient(transport=httpx.MockTransport(broken)) as client:
        with pytest.raises(KeyError):
            await send(message("https://example.com/"), client=client)


async def test_cancelling_is_not_swallowed(receiver: Receiver) -> None:
    async def wait(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3)

    receiver.answer = wait
    task = asyncio.create_task(deliver(receiver.url(), bounds=Bounds(seconds=30)))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_large_payload_arrives_whole(receiver: Receiver) -> None:
    payload = encode_event("generation.completed", {"text": "é" * 2_000_000}, datetime.now(UTC))
    async with open_client(DEVELOPMENT) as client:
        attempt = await send(message(receiver.url(), payload=payload), client=client)
    assert attempt.outcome is Outcome.DELIVERED
    assert receiver.requests[0].body == payload


def test_an_event_body_follows_the_standard() -> None:
    at = datetime(2026, 11, 22, 12, 0, 0, 123_900, tzinfo=UTC) + timedelta(0)
    body = encode_event("voice.ready", {"name": "Grüße"}, at)
    assert json.loads(body) == {
        "type": "voice.ready",
        "timestamp": "2026-11-22T12:00:00.123Z",
        "data": {"name": "Grüße"},
    }
    with pytest.raises(ValueError, match="JSON"):
        encode_event("voice.ready", {"bad": float("nan")}, at)
