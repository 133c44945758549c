"""The SSRF guard: a client that reaches only addresses it has vetted itself.

`open_client` gives the only httpx client the hub calls other people's URLs with. For each connection it
resolves the name once, vets every answer, and connects to exactly a vetted address: the check and the
connection share one look-up, so a name that answers differently the second time (DNS rebinding) gains
nothing. Host header, SNI and certificate check keep the name. No redirects, no proxy or other setting from
the environment, no reused connections.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import httpcore
import httpx

from webhooks.addresses import vet
from webhooks.destination import DEVELOPMENT, PUBLIC, Policy, parse_destination, policy_for
from webhooks.errors import HostNotFound

__all__ = [
    "CONNECT_SECONDS",
    "DEVELOPMENT",
    "PUBLIC",
    "GuardedTransport",
    "Policy",
    "Resolver",
    "check_url",
    "open_client",
    "policy_for",
    "resolve",
]

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 15.0
_MAX_ADDRESSES: Final = 4

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host name and port in, every address of it out. Raises HostNotFound."""

SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


def check_url(url: str, policy: Policy = PUBLIC) -> None:
    """Refuse a URL that can be seen to be wrong without a look-up. Raises DestinationRefused, in plain words.

    What an API calls when it accepts a URL. The name is looked up and vetted later, at each connection.
    """
    parse_destination(url, policy)


async def resolve(host: str, port: int) -> list[str]:
    """Every address the system's resolver knows for `host`. Raises HostNotFound."""
    try:
        answers = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HostNotFound("The host name could not be found.") from error
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def open_client(
    policy: Policy = PUBLIC, *, resolver: Resolver = resolve, tls: ssl.SSLContext | None = None
) -> httpx.AsyncClient:
    """A guarded client; use it in `async with`. `tls` replaces the usual certificate authorities."""
    transport = GuardedTransport(policy, resolver=resolver, tls=tls)
    timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    return httpx.AsyncClient(transport=transport, trust_env=False, follow_redirects=False, timeout=timeout)


class GuardedTransport(httpx.AsyncBaseTransport):
    """An httpx transport over a connection pool whose network is guarded."""

    def __init__(
        self, policy: Policy, *, resolver: Resolver = resolve, tls: ssl.SSLContext | None = None
    ) -> None:
        self._policy = policy
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls or httpx.create_ssl_context(trust_env=False),
            max_connections=None,
            max_keepalive_connections=0,
            network_backend=_GuardedNetwork(policy, resolver),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises DestinationRefused and HostNotFound besides httpx's own errors."""
        parse_destination(str(request.url), self._policy)
        assert isinstance(request.stream, httpx.AsyncByteStream)
        with _httpx_errors():
            response = await self._pool.handle_async_request(_as_httpcore(request, request.stream))
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_ResponseStream(response),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to a vetted address of the host it is asked for, and to nothing else (no local sockets)."""

    def __init__(self, policy: Policy, resolver: Resolver) -> None:
        self._policy = policy
        self._resolver = resolver
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  (httpcore's signature)
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        deadline = time.monotonic() + (timeout or CONNECT_SECONDS)
        addresses = await self._vetted(host, port, deadline)
        last: Exception | None = None
        for tried, address in enumerate(addresses):
            share = (deadline - time.monotonic()) / (len(addresses) - tried)
            try:
                return await self._network.connect_tcp(
                    address, port, max(share, 0.05), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        assert last is not None
        raise last

    async def _vetted(self, host: str, port: int, deadline: float) -> list[str]:
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                answers = await self._resolver(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("The host name was not found in time.") from error
        if not answers:
            raise HostNotFound("The host name could not be found.")
        # Every answer is vetted before any is used: one private answer spoils the name.
        return [vet(answer, allow_private=self._policy.allow_private) for answer in answers][:_MAX_ADDRESSES]


class _ResponseStream(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _httpx_errors():
            async for chunk in self._response.aiter_stream():
                yield chunk

    async def aclose(self) -> None:
        await self._response.aclose()


def _as_httpcore(request: httpx.Request, content: httpx.AsyncByteStream) -> httpcore.Request:
    url = request.url
    return httpcore.Request(
        method=request.method,
        url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=content,
        extensions=request.extensions,
    )


_ERRORS: Final[tuple[tuple[type[Exception], type[httpx.TransportError]], ...]] = (
    (httpcore.ConnectTimeout, httpx.ConnectTimeout),
    (httpcore.ReadTimeout, httpx.ReadTimeout),
    (httpcore.WriteTimeout, httpx.WriteTimeout),
    (httpcore.TimeoutException, httpx.PoolTimeout),
    (httpcore.ConnectError, httpx.ConnectError),
    (httpcore.WriteError, httpx.WriteError),
    (httpcore.NetworkError, httpx.ReadError),
    (httpcore.LocalProtocolError, httpx.LocalProtocolError),
    (httpcore.ProtocolError, httpx.RemoteProtocolError),
)


@contextmanager
def _httpx_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        for theirs, ours in _ERRORS:
            if isinstance(error, theirs):
                raise ours(str(error)) from error
        raise
