"""A scenario builder's server: a hook address for each scenario, and callbacks for paused steps."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.hub.api.serving import serving


@dataclass(frozen=True)
class Heard:
    """One request: how it came, where, and what it said."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body)
        return document


@dataclass
class Builder:
    """Answers each path with its own `answers` in turn, then with 200; or as `judge` says; after `seconds`.

    `most` is how many requests it had at once."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    answers: dict[str, list[int]] = field(default_factory=dict)
    judge: Callable[[Heard], int] | None = None
    seconds: float = 0.0
    under_way: int = 0
    most: int = 0

    def at(self, path: str) -> list[Heard]:
        return [one for one in self.heard if one.path == path]

    async def take(self, request: Request) -> Response:
        headers = dict(request.headers)
        one = Heard(request.method, request.url.path, headers, await request.body())
        self.heard.append(one)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(self.seconds)
        self.under_way -= 1
        waiting = self.answers.get(one.path, [])
        status = self.judge(one) if self.judge else waiting.pop(0) if waiting else 200
        wish = {"Retry-After": "1"} if status == 429 else {}
        return Response(b"{}", status, wish)


@asynccontextmanager
async def running_builder() -> AsyncIterator[Builder]:
    builder = Builder()
    methods = ["POST", "DELETE"]
    app = Starlette(routes=[Route("/{path:path}", builder.take, methods=methods)])
    async with serving(app) as url:
        builder.url = url
        yield builder
