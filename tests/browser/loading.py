"""How a page loads: what it asks for, how deep one request hangs on another, when it first shows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import CDPSession, Page

_PATIENCE = 20.0


@dataclass
class Waterfall:
    """The requests of the open page, up to its load event, as Chromium's network domain tells of them.

    The page itself is 1 deep, what it names is 2 deep, what that loads is 3 deep. `first_paint` is in
    milliseconds from the start of the navigation; None until something was painted.
    """

    depths: dict[str, int] = field(default_factory=dict)
    first_paint: float | None = None
    _loaded: asyncio.Event = field(default_factory=asyncio.Event)
    _painted: asyncio.Event = field(default_factory=asyncio.Event)
    _at_first: float = 0.0

    @property
    def deepest(self) -> list[str]:
        """The addresses that are more than 2 deep."""
        return [f"{depth}: {url}" for url, depth in self.depths.items() if depth > 2]

    async def open(self, page: Page, path: str) -> int:
        """The status of the page, once it is loaded and painted."""
        self.depths.clear()
        self._loaded.clear()
        self._painted.clear()
        self.first_paint = None
        answer = await page.goto(path)
        assert answer is not None
        async with asyncio.timeout(_PATIENCE):
            await self._loaded.wait()
            await self._painted.wait()
        return answer.status

    def requested(self, event: dict[str, Any]) -> None:
        url = event["request"]["url"]
        if self._loaded.is_set() or url.startswith("data:"):
            return
        if event.get("type") == "Document":
            depth = 1
        else:
            depth = 1 + max((self.depths.get(parent, 1) for parent in _parents(event)), default=1)
        self.depths[url] = depth

    def lived(self, event: dict[str, Any]) -> None:
        if event["name"] == "init":
            self._at_first = event["timestamp"]
        if event["name"] == "firstContentfulPaint" and self.first_paint is None:
            self.first_paint = 1000 * (event["timestamp"] - self._at_first)
            self._painted.set()
        if event["name"] == "load":
            self._loaded.set()


async def watched(page: Page) -> Waterfall:
    """Listens to all that this page loads from now on; nothing is taken from the cache."""
    told: CDPSession = await page.context.new_cdp_session(page)
    waterfall = Waterfall()
    listeners: dict[str, Callable[[dict[str, Any]], None]] = {
        "Network.requestWillBeSent": waterfall.requested,
        "Page.lifecycleEvent": waterfall.lived,
    }
    for name, listener in listeners.items():
        told.on(name, listener)
    await told.send("Network.enable")
    await told.send("Network.setCacheDisabled", {"cacheDisabled": True})
    await told.send("Page.enable")
    await told.send("Page.setLifecycleEventsEnabled", {"enabled": True})
    return waterfall


def _parents(event: dict[str, Any]) -> list[str]:
    """Who asked: a document or stylesheet that names it, or the scripts that were running."""
    initiator = event["initiator"]
    calls = initiator.get("stack", {}).get("callFrames", ())
    return [found for found in (initiator.get("url"), *(call["url"] for call in calls)) if found]
