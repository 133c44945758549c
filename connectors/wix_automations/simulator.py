"""Two automations of a Wix site: one sends a text away, the other starts with what is posted to it."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from connectors.simulation import Post, post_over_http, sending, utc_now
from connectors.values import Hook

_over_http: Final = post_over_http(seconds=30)


class Simulator:
    """`received` is what the second automation was started with, the newest last."""

    stands_for: Final[Sequence[str]] = ("https://manage.wix.com",)

    def __init__(self, home: str, *, post: Post = _over_http, now: Callable[[], datetime] = utc_now) -> None:
        self.home = home
        self.post = post
        self.url = ""
        self.waiting: list[bytes] = []
        self.received: list[Mapping[str, Any]] = []
        self.credentials: dict[str, str] = {}
        routes = [Route("/", self._start, methods=["POST"]), Route("/welcome", self._page)]
        self.app = Starlette(routes=routes, lifespan=sending(self.send_due))

    def set_up(self, hook: Hook) -> None:
        """The owner pastes our address into "Send via webhook"."""
        self.url = hook.url

    async def act(self) -> str:
        """Somebody signs up, which starts the first automation; the path of the page that greets them."""
        self.waiting.append(json.dumps({"data": {"text": "Welcome aboard, Ada.", "id": "ada"}}).encode())
        return "/welcome"

    async def send_due(self) -> int:
        sent, self.waiting = self.waiting if self.url else [], [] if self.url else self.waiting
        for body in sent:
            await self.post(self.url, {"Content-Type": "application/json"}, body)
        return len(sent)

    async def _start(self, request: Request) -> Response:
        try:
            given = json.loads(await request.body())
        except ValueError:
            return JSONResponse({"message": "Bad request"}, 400)
        self.received.append(given if isinstance(given, dict) else {})
        return JSONResponse({})

    async def _page(self, request: Request) -> Response:
        player = ""
        if self.received:
            source = html.escape(str(self.received[-1].get("audio_url", "")))
            player = f'<audio controls aria-label="Welcome" src="{source}"></audio>'
        head = '<!doctype html><html lang="en"><title>Welcome</title>'
        return HTMLResponse(f"{head}<main><h1>Welcome</h1>{player}</main></html>")
