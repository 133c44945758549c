from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import httpx
import pytest

from tests.webhooks.certificates import Authority
from tests.webhooks.receiver import Receiver, receiving
from webhooks.errors import DestinationRefused, HostNotFound
from webhooks.guard import DEVELOPMENT, PUBLIC, GuardedTransport, Policy, open_client, resolve

ANY_PORT = Policy(allow_http=True, ports=None)


class Names:
    """A resolver that gives each name its answers in turn, the last for ever."""

    def __init__(self, **answers: Sequence[str | list[str]]) -> None:
        self.answers = {name.replace("_", "."): list(given) for name, given in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        turns = self.answers[host]
        now = turns.pop(0) if len(turns) > 1 else turns[0]
        return [now] if isinstance(now, str) else now


async def test_a_vetted_name_is_reached_under_its_name(receiver: Receiver) -> None:
    names = Names(shop_test=["127.0.0.1"])
    async with open_client(DEVELOPMENT, resolver=names) as client:
        answer = await client.post(receiver.url("shop.test"), content=b"hello")
    assert answer.status_code == 204
    assert names.asked == ["shop.test"]
    assert receiver.requests[0].header("host") == f"shop.test:{receiver.port}"
    assert receiver.requests[0].body == b"hello"


@pytest.mark.parametrize(
    "answers",
    [["127.0.0.1"], ["1.1.1.1", "127.0.0.1"], ["::ffff:127.0.0.1"], ["64:ff9b::7f00:1"], ["169.254.169.254"]],
)
async def test_one_private_answer_spoils_a_name(receiver: Receiver, answers: list[str]) -> None:
    async with open_client(ANY_PORT, resolver=Names(evil_test=[answers])) as client:
        with pytest.raises(DestinationRefused) as caught:
            await client.get(receiver.url("evil.test"))
    assert receiver.connections == 0
    assert "127.0.0.1" not in str(caught.value)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]"],
)
async def test_no_spelling_of_this_machine_is_reached(receiver: Receiver, host: str) -> None:
    async with open_client(ANY_PORT) as client:
        with pytest.raises(DestinationRefused):
            await client.get(receiver.url(host))
    assert receiver.connections == 0


async def test_a_name_that_answers_differently_the_second_time_gains_nothing(receiver: Receiver) -> None:
    names = Names(rebinding_test=[["127.0.0.1"], ["127.0.0.2"]])
    async with receiving(host="127.0.0.2", port=receiver.port) as other:
        async with open_client(DEVELOPMENT, resolver=names) as client:
            await client.get(receiver.url("rebinding.test"))
        assert (receiver.connections, other.connections) == (1, 0)
    assert names.asked == ["rebinding.test"]


async def test_a_later_connection_is_vetted_afresh(receiver: Receiver) -> None:
    names = Names(rebinding_test=[["127.0.0.1"], ["169.254.169.254"]])
    async with open_client(DEVELOPMENT, resolver=names) as client:
        await client.get(receiver.url("rebinding.test"))
        with pytest.raises(DestinationRefused):
            await client.get(receiver.url("rebinding.test"))
    assert receiver.connections == 1


async def test_the_next_address_is_tried_when_one_does_not_answer(receiver: Receiver) -> None:
    names = Names(two_test=[["127.0.0.9", "::ffff:127.0.0.1"]])
    async with open_client(DEVELOPMENT, resolver=names) as client:
        assert (await client.get(receiver.url("two.test"))).status_code == 204


async def test_no_address_answers(receiver: Receiver) -> None:
    names = Names(two_test=[["127.0.0.9", "127.0.0.8"]])
    async with open_client(DEVELOPMENT, resolver=names) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(receiver.url("two.test"))


async def test_tls_is_checked_against_the_name_on_the_vetted_address(authority: Authority) -> None:
    names = Names(right_test=["127.0.0.1"], wrong_test=["127.0.0.1"])
    async with receiving(tls=authority.server("right.test")) as receiver:
        async with open_client(DEVELOPMENT, resolver=names, tls=authority.client()) as client:
            answer = await client.get(receiver.url("right.test", "https"))
            assert answer.status_code == 204
            with pytest.raises(httpx.ConnectError, match="Hostname mismatch"):
                await client.get(receiver.url("wrong.test", "https"))
        assert len(receiver.requests) == 1


async def test_an_unknown_authority_is_refused(authority: Authority) -> None:
    async with receiving(tls=authority.server("right.test")) as receiver:
        async with open_client(DEVELOPMENT, resolver=Names(right_test=["127.0.0.1"])) as client:
            with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
                await client.get(receiver.url("right.test", "https"))
        assert receiver.requests == []


async def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.answers(302, location=receiver.url())
    async with open_client(DEVELOPMENT) as client:
        assert (await client.get(receiver.url())).status_code == 302
    assert receiver.connections == 1


async def test_the_environment_cannot_put_a_proxy_in_between(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receiving() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        async with open_client(DEVELOPMENT) as client:
            await client.get(receiver.url())
        async with open_client(ANY_PORT) as client:
            with pytest.raises(DestinationRefused):
                await client.get(receiver.url())
        assert (receiver.connections, proxy.connections) == (1, 0)


async def test_connections_are_not_kept(receiver: Receiver) -> None:
    receiver.persistent = True
    async with open_client(DEVELOPMENT) as client:
        await client.get(receiver.url())
        await client.get(receiver.url())
    assert receiver.connections == 2


async def test_a_name_without_an_answer() -> None:
    async with open_client(PUBLIC, resolver=Names(none_test=[[]])) as client:
        with pytest.raises(HostNotFound):
            await client.get("https://none.test/")


async def test_a_resolver_that_never_answers_is_given_up() -> None:
    async def silent(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        raise AssertionError

    started = time.monotonic()
    async with open_client(PUBLIC, resolver=silent) as client:
        with pytest.raises(httpx.ConnectTimeout):
            await client.get("https://slow.test/", timeout=0.2)
    assert time.monotonic() - started < 5


async def test_the_systems_resolver() -> None:
    assert "127.0.0.1" in await resolve("127.0.0.1", 80)
    assert {"127.0.0.1", "::1"} & set(await resolve("localhost", 80))
    for name in ("no-such-name.invalid", "a" * 64 + ".example"):
        with pytest.raises(HostNotFound):
            await resolve(name, 80)


async def test_a_transport_by_itself_is_guarded_too(receiver: Receiver) -> None:
    transport = GuardedTransport(PUBLIC)
    async with httpx.AsyncClient(transport=transport, follow_redirects=True) as client:
        with pytest.raises(DestinationRefused):
            await client.get(receiver.url())
    assert receiver.connections == 0


async def test_a_broken_answer_is_an_httpx_error(receiver: Receiver) -> None:
    async with open_client(DEVELOPMENT) as client:
        receiver.answers_raw(b"SSH-2.0-OpenSSH\r\n")
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(receiver.url())
        receiver.answers_raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc")
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(receiver.url())
        receiver.answer = None
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(receiver.url())
