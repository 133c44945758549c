"""A simulated Wix site, and a hub that is an app there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
import pytest_asyncio

from connectors.wix import media
from connectors.wix.rich_content import is_ours
from connectors.wix.simulator import Simulator
from hub.connections import authorising
from hub.connections.catalogue import connector_named
from hub.connections.form import Filled
from hub.connections.stand_ins import stand_in
from hub.store.connection_tables import ConnectionRecord
from hub.store.database import Database
from tests.databases import Prepare
from tests.hub.api.serving import serving
from tests.hub.connections.conftest import TickingClock, Workshop, workshop_on


@dataclass
class Site:
    """A simulated Wix site, a hub that is an app there, and the app's installation on the site."""

    simulator: Simulator
    workshop: Workshop
    connection: str = ""

    async def install(self, account: str | None = None, **spoilt: str) -> ConnectionRecord:
        """The owner goes to Wix's install page and comes back; `spoilt` replaces what the browser brings."""
        workshop = self.workshop
        hub, account = workshop.hub, account or workshop.customer.account_id
        wix = connector_named(hub.settings, "wix")
        page = await authorising.begin(hub, account, wix, Filled(), base_url=hub.settings.base_url)
        async with httpx.AsyncClient() as browser:
            sent = await browser.get(stand_in(hub.settings, page))
        back = urlsplit(sent.headers["location"])
        assert back.path == "/connect/wix/callback"
        brought = {name: value for name, value in {**dict(parse_qsl(back.query)), **spoilt}.items() if value}
        return await authorising.finish(hub, account, wix, urlencode(brought))

    async def settle(self) -> None:
        while self.simulator.hooks.waiting or self.workshop.queue.deliveries or self.workshop.queue.speech:
            await self.simulator.send_due()
            await self.workshop.settle()

    def publish(self, title: str, *paragraphs: str) -> str:
        post = self.simulator.blog.write(title, *(paragraphs or ("Now.",)))
        self.simulator.blog.publish(post)
        return post

    def players(self, post: str, *, live: bool) -> list[Any]:
        found = (self.simulator.blog.posts if live else self.simulator.blog.drafts)[post]
        return [node for node in found["richContent"]["nodes"] if is_ours(node)]

    async def sentences(self) -> list[str]:
        return [str(event["sentence"]) for event in await self.workshop.events(self.connection)]

    async def ask(self, question: str, request: Mapping[str, Any], **changed: Any) -> httpx.Response:
        body = self.simulator.oauth.asked(changed.get("instance", self.simulator.instance), request)
        return await self.workshop.client.post(f"/hooks/wix/ask/{question}", content=body)


@pytest_asyncio.fixture
async def site(
    tmp_path: Path, redis_url: str, prepare_sqlite: Prepare, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Site]:
    monkeypatch.setattr(media, "WAITS", (0.0, 0.0, 0.0))
    clock = TickingClock()
    simulator: Simulator

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await simulator.media.get_on()
        await simulator.app(scope, receive, send)

    async def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
        return (await made.workshop.client.post(url, headers=dict(headers), content=body)).status_code

    database = Database(prepare_sqlite(tmp_path))
    async with serving(app) as url:  # type: ignore[arg-type]  # any ASGI app
        simulator = Simulator(url, post=post, now=clock)
        given = simulator.credentials
        known = {
            "client_id": given["client_id"],
            "client_secret": given["client_secret"],
            "hook_secrets": [given["app_hook_secret"]],
        }
        more: dict[str, Any] = {
            "apps": {"wix": known},
            "stand_ins": dict.fromkeys(simulator.stands_for, url),
        }
        async with workshop_on(database, tmp_path, redis_url, clock, **more) as workshop:
            made = Site(simulator, workshop)
            simulator.hooks.url = f"{workshop.hub.settings.base_url}/hooks/wix"
            made.connection = (await made.install()).id
            yield made
    await database.close()
