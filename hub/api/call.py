"""What a handler is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from hub.accounts import Caller
from hub.errors import Unauthenticated
from hub.hub import Hub


@dataclass(frozen=True, slots=True)
class Call:
    """One request to one endpoint. `base_url` is where its sender reaches this hub, without a final slash."""

    request: Request
    hub: Hub
    base_url: str
    known: Caller | None = None

    @property
    def caller(self) -> Caller:
        """Who is calling; only endpoints with a scope have one."""
        if self.known is None:
            raise Unauthenticated
        return self.known

    @property
    def account_id(self) -> str:
        return self.caller.account_id


Handler = Callable[[Call], Awaitable[Response]]
