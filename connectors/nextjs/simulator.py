"""A Next.js app in memory, as far as the hub and a reader see it: what it announces, its route, its pages.

Behaves as an app made of `@sayhook/next` does: what is not signed with its secret is refused with 401, what
is too old with 400, the same message twice is done once, and the very same bytes again are refused with 409.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from connectors.nextjs import READY
from connectors.simulation import Post, post_over_http, sending, utc_now
from connectors.values import Hook
from webhooks import signing
from webhooks.errors import NotVerified, OutsideWindow

ROUTE: Final = "/api/voice/webhook"
_PATIENCE: Final = 15.0


@dataclass
class App:
    """`hook` is what the owner copied into the environment; `waiting` is yet to be sent."""

    hook: Hook | None = None
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    audio: dict[str, str] = field(default_factory=dict)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    done: list[Mapping[str, Any]] = field(default_factory=list)


class Simulator:
    """`app` serves one app and its webhook route."""

    stands_for: Final[Sequence[str]] = ()

    def __init__(self, home: str, *, post: Post | None = None, now: Callable[[], datetime] = utc_now) -> None:
        self.home, self.state = home, App()
        self.credentials: Mapping[str, str] = {}
        self._post, self._now = post or post_over_http(_PATIENCE), now
        self.app = Starlette(
            routes=[
                Route(ROUTE, self._webhook, methods=["POST"]),
                Route("/posts/{slug}", self._page),
            ],
            lifespan=sending(self.send_waiting),
        )

    def set_up(self, hook: Hook) -> None:
        """The owner copies what the hub shows into the app's environment."""
        self.state.hook = hook

    async def act(self) -> str:
        """The author publishes a post; the path of the page where its voice must be heard."""
        return self.publish(
            "tide-tables", "How to read a tide table", "<p>Find your harbour, then the day.</p>"
        )

    def publish(self, slug: str, title: str, text: str, event: str = "post.published") -> str:
        saved = self._now().isoformat()
        post = {"id": slug, "title": title, "text": text, "updated_at": saved}
        self.state.posts[slug] = post
        self.state.waiting.append({"type": event, "timestamp": saved, "data": post})
        return f"/posts/{slug}"

    async def send_waiting(self) -> int:
        """What `announce` does; an app without the secret keeps it until it has one."""
        hook = self.state.hook
        if hook is None:
            return 0
        batch, self.state.waiting = self.state.waiting, []
        for announcement in batch:
            body = json.dumps(announcement).encode()
            signed = signing.sign([hook.secret], signing.new_message_id(), self._seconds(), body)
            await self._post(hook.url, {"Content-Type": "application/json", **signed}, body)
        return len(batch)

    async def _webhook(self, request: Request) -> Response:
        body = await request.body()
        secrets = [self.state.hook.secret] if self.state.hook else []
        try:
            signed = signing.verify(secrets, request.headers.items(), body, now=self._seconds())
        except OutsideWindow:
            return JSONResponse({"code": "outside_window"}, 400)
        except NotVerified:
            return JSONResponse({"code": "signature_mismatch"}, 401)
        message = json.loads(body)
        if f"{signed.message_id}.{signed.timestamp}" in self.state.seen:
            return JSONResponse({"code": "replayed"}, 409)
        if signed.message_id not in self.state.seen and message["type"] == READY:
            self.state.audio[message["data"]["id"]] = message["data"]["audio_url"]
            self.state.done.append(message["data"])
        self.state.seen |= {signed.message_id, f"{signed.message_id}.{signed.timestamp}"}
        return Response(status_code=204)

    async def _page(self, request: Request) -> Response:
        post = self.state.posts.get(request.path_params["slug"])
        if post is None:
            return HTMLResponse("<h1>Not found</h1>", 404)
        title = html.escape(post["title"])
        return HTMLResponse(
            f'<!doctype html><html lang="en"><title>{title}</title><main><h1>{title}</h1>'
            f"{self._player(post['id'])}{post['text']}</main></html>"
        )

    def _player(self, slug: str) -> str:
        if slug not in self.state.audio:
            return ""
        return (
            '<figure data-sayhook="player"><figcaption>Listen to this post</figcaption>'
            f'<audio controls preload="none" src="{html.escape(self.state.audio[slug])}"></audio></figure>'
        )

    def _seconds(self) -> int:
        return int(self._now().timestamp())
