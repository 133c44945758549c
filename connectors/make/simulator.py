"""The addresses of webhooks at Make: they take what they are sent, within bounds, until they are deleted."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

MOST_IN_WINDOW: Final = 300
WINDOW_SECONDS: Final = 10.0
LONGEST_QUEUE: Final = 667
"""Bundles that wait for their scenario, on the smallest plan."""


@dataclass(slots=True)
class Hook:
    """One dedicated webhook. Without a scenario to take them, its bundles queue up."""

    queue: list[dict[str, Any]] = field(default_factory=list)
    calls: deque[float] = field(default_factory=deque)
    headers: list[dict[str, str]] = field(default_factory=list)


class Simulator:
    """Serve `app` at `home`. `clock` is any number of seconds that only grows.

    Answers as Make does: 200 `Accepted`, 400 when the queue is full or the body is no JSON, 429 over 300
    calls in ten seconds, 410 for a webhook that was deleted.
    """

    def __init__(self, home: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.home = home
        self._clock = clock
        self._hooks: dict[str, Hook] = {}
        self._app = Starlette(routes=[Route("/{id}", self._take, methods=["POST"])])

    @property
    def app(self) -> Starlette:
        return self._app

    def opened(self) -> str:
        """The address of a new webhook."""
        name = uuid4().hex
        self._hooks[name] = Hook()
        return f"{self.home}/{name}"

    def heard_at(self, url: str) -> Sequence[Mapping[str, Any]]:
        """The bundles that wait for a webhook's scenario."""
        return self.at(url).queue

    def deleted(self, url: str) -> None:
        del self._hooks[url.rpartition("/")[2]]

    def at(self, url: str) -> Hook:
        return self._hooks[url.rpartition("/")[2]]

    async def _take(self, request: Request) -> Response:
        hook = self._hooks.get(request.path_params["id"])
        if hook is None:
            return PlainTextResponse("Gone", 410)
        if self._is_too_fast(hook):
            return PlainTextResponse("Too many requests", 429)
        try:
            bundle = json.loads(await request.body())
        except ValueError:
            return PlainTextResponse("The body is not JSON", 400)
        if len(hook.queue) >= LONGEST_QUEUE:
            return PlainTextResponse("Queue is full", 400)
        hook.queue.append(bundle)
        hook.headers.append(dict(request.headers))
        return PlainTextResponse("Accepted")

    def _is_too_fast(self, hook: Hook) -> bool:
        now = self._clock()
        while hook.calls and hook.calls[0] <= now - WINDOW_SECONDS:
            hook.calls.popleft()
        if len(hook.calls) >= MOST_IN_WINDOW:
            return True
        hook.calls.append(now)
        return False
