"""The same Wix site, for an owner with an API key: the key and the site's id stand in two headers."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.simulation import Post, post_over_http, utc_now
from connectors.values import Hook
from connectors.wix.simulated_app import Grant
from connectors.wix.simulator import SITE
from connectors.wix.simulator import Simulator as Site

_over_http: Final = post_over_http(seconds=30)
_FOR_EVER: Final = timedelta(days=3650)


class Simulator:
    """Requests for another site than the key's are refused, as without the header."""

    stands_for: Final[Sequence[str]] = ("https://www.wixapis.com",)

    def __init__(self, home: str, *, post: Post = _over_http, now: Callable[[], datetime] = utc_now) -> None:
        self.site = Site(home, now=now)
        self.post = post
        self.url = ""
        key = f"IST.{secrets.token_urlsafe(24)}"
        self.site.oauth.grants[key] = Grant(self.site.instance, now() + _FOR_EVER)
        self.app = _of_one_site(self.site.app)
        self.credentials = {"api_key": key, "site_id": SITE}

    def set_up(self, hook: Hook) -> None:
        """The owner pastes our address into an automation that runs when a post goes live."""
        self.url = hook.url

    async def act(self) -> str:
        path = await self.site.act()
        named = {"data": {"post_id": next(reversed(self.site.blog.posts))}}
        await self.post(self.url, {"Content-Type": "application/json"}, json.dumps(named).encode())
        return path


def _of_one_site(app: ASGIApp) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        is_api = scope["type"] == "http" and not scope["path"].startswith(("/post/", "/mp3/"))
        if is_api and Request(scope).headers.get("wix-site-id") != SITE:
            scope = {**scope, "headers": []}  # the key is known on its own site only
        await app(scope, receive, send)

    return answer
