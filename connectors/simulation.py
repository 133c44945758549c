"""What a connector's `simulator.py` offers, so that anyone can try the whole loop without an account."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Final, Protocol, runtime_checkable

import anyio
import httpx
from starlette.applications import Starlette
from starlette.types import ASGIApp

from connectors.values import Hook

_TICK_SECONDS: Final = 0.2

Post = Callable[[str, Mapping[str, str], bytes], Awaitable[int]]
"""Sends a POST and answers its status; 0 when there was no answer."""


class Simulator(Protocol):
    """The class `Simulator` of a `simulator.py`; made with the address it is served at.

    `credentials` are what the owner would type in; for OAuth the tokens they would have given us, and with
    them `client_id` and `client_secret`, which are the app's own, and `app_hook_secret` where another
    key signs its events. Under a server (with its lifespan) it sends its webhooks by itself.
    """

    @property
    def app(self) -> ASGIApp: ...

    @property
    def credentials(self) -> Mapping[str, str]: ...

    @property
    def stands_for(self) -> Sequence[str]:
        """Origins of the real platform that it answers for: what is meant for them is sent to its address."""
        ...

    async def act(self) -> str:
        """Do what an owner does, once; the path of the public page where an `<audio>` must then be found."""
        ...


@runtime_checkable
class SetUpByHand(Protocol):
    """Besides, where no hook is registered for the owner: who copies what the hub shows to the platform."""

    def set_up(self, hook: Hook) -> None: ...


def utc_now() -> datetime:
    return datetime.now(UTC)


def post_over_http(seconds: float) -> Post:
    """A platform's own POST: it waits so long for an answer, and follows no redirect."""

    async def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
        async with httpx.AsyncClient(trust_env=False, timeout=seconds) as client:
            try:
                return (await client.post(url, headers=dict(headers), content=body)).status_code
            except httpx.HTTPError:
                return 0

    return post


def sending(
    send: Callable[[], Awaitable[object]],
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """The lifespan of a platform that sends what is due by itself for as long as it is served."""

    async def send_for_ever() -> None:
        while True:
            await send()
            await anyio.sleep(_TICK_SECONDS)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(send_for_ever)
            yield
            tasks.cancel_scope.cancel()

    return lifespan
