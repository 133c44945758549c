"""A simulated Webflow site, and a hub that is an app there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest_asyncio

from connectors.webflow.api import SCOPES
from connectors.webflow.simulator import Simulator
from hub.connections import connecting, sweeping
from hub.connections.catalogue import connector_named
from hub.connections.form import Filled
from hub.store.connection_tables import ConnectionRecord
from hub.store.database import Database
from tests.databases import Prepare
from tests.hub.api.serving import serving
from tests.hub.connections.conftest import TickingClock, Workshop, workshop_on


@dataclass
class Site:
    """A simulated Webflow, a hub that is its app, and a live connection between the two."""

    simulator: Simulator
    workshop: Workshop
    url: str
    connection: str = ""
    token: str = ""
    down: bool = False

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        if self.down:
            return 503
        return (await self.workshop.client.post(url, headers=dict(headers), content=body)).status_code

    async def connect(self) -> None:
        connector = connector_named(self.workshop.hub.settings, "webflow")
        self.token = self.simulator.oauth.allow(SCOPES, (self.simulator.site.id,))
        account = self.workshop.customer.account_id
        made = await connecting.establish(
            self.workshop.hub, account, connector, Filled(), {"access_token": self.token}
        )
        self.connection = made.id

    async def settle(self) -> None:
        while await self.simulator.hooks.send_due():
            await self.workshop.settle()
        await self.workshop.settle()

    def publish(self, *names: str) -> list[str]:
        studio, posts = self.simulator.studio, self.simulator.posts
        fields = [{"name": name, "post-body": "Now."} for name in names]
        made = [studio.create(posts, given, draft=False)["id"] for given in fields]
        studio.publish(posts, made)
        return made

    def audio_of(self, item: str) -> str | None:
        live = self.simulator.studio.item(self.simulator.posts, item, live=True)
        found = live["fieldData"].get("audio-url")
        return None if found is None else str(found)

    async def sweep(self) -> None:
        await sweeping.sweep(self.workshop.hub)
        await self.settle()

    async def record(self) -> ConnectionRecord:
        return await self.workshop.record(self.connection)


@pytest_asyncio.fixture
async def site(tmp_path: Path, redis_url: str, prepare_sqlite: Prepare) -> AsyncIterator[Site]:
    clock = TickingClock()
    simulator: Simulator

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await simulator.app(scope, receive, send)

    async def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
        return await made.post(url, headers, body)

    database = Database(prepare_sqlite(tmp_path))
    async with serving(app) as url:  # type: ignore[arg-type]  # any ASGI app
        simulator = Simulator(url, post=post, now=clock)
        known = {name: simulator.credentials[name] for name in ("client_id", "client_secret")}
        more: dict[str, Any] = {
            "apps": {"webflow": known},
            "stand_ins": dict.fromkeys(simulator.stands_for, url),
        }
        async with workshop_on(database, tmp_path, redis_url, clock, **more) as workshop:
            made = Site(simulator, workshop, url)
            await made.connect()
            yield made
    await database.close()
