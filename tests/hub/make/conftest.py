"""Somebody's account at Make, with the app as it is installed from its archive, and a hub that it calls."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import pytest_asyncio

from connectors.make.app import load_app
from connectors.make.platform import REDIRECT_URI, Connected, Platform
from connectors.make.runner import World
from connectors.make.simulator import Simulator
from hub.oauth import create_client
from hub.oauth.authorization import Redirect, authorization_request
from tests.hub.api.serving import serving
from tests.hub.connections.conftest import Workshop, workshop

__all__ = ["workshop"]

BUILT_FOR = "https://hub.example.org"
ARCHIVES = Path(__file__).parents[3] / "manifests" / "archives.py"
OAUTH, KEY = "sayhookOauth", "sayhookKey"
SCOPES = ("account:read", "speech:write", "speech:read", "voices:read", "webhooks:write")


@dataclass
class Maker:
    """A user of Make. While a module waits for audio, the hub's worker has time to speak."""

    workshop: Workshop
    platform: Platform
    simulator: Simulator

    @property
    def log(self) -> list[dict[str, Any]]:
        return self.platform.world.log

    async def consented(
        self, *, allow: bool = True, state: str = "s-1", scopes: Collection[str] = SCOPES
    ) -> str:
        """The address at Make that the hub sends the browser back to."""
        url = self.platform.authorize_url(OAUTH, scopes, state)
        issuer, query = str(self.workshop.client.base_url).rstrip("/"), parse_qsl(urlsplit(url).query)
        assert url.startswith(f"{issuer}/oauth/authorize?")
        asked = authorization_request(self.workshop.hub, issuer, query)
        answer = await asked.answered(self.workshop.customer.account_id, allow=allow)
        assert isinstance(answer, Redirect)
        return answer.location

    async def connected(self, scopes: Collection[str] = SCOPES) -> Connected:
        return await self.platform.authorized(OAUTH, scopes, await self.consented(scopes=scopes))


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that whoever installs the app unpacks."""
    folder = tmp_path_factory.mktemp("make")
    command = [sys.executable, str(ARCHIVES), "--hub", BUILT_FOR, "--to", str(folder), "make"]
    subprocess.run(command, check=True, capture_output=True)
    with zipfile.ZipFile(folder / "sayhook-make.zip") as archive:
        archive.extractall(folder)
    return folder / "sayhook-make"


@pytest_asyncio.fixture
async def maker(workshop: Workshop, installed: Path) -> AsyncIterator[Maker]:
    async with workshop.hub.database.transaction() as session:
        uris = [REDIRECT_URI, "https://www.integromat.com/oauth/cb/app"]
        client = await create_client(session, name="Make", redirect_uris=uris, now=workshop.hub.now())

    async def sleep(seconds: float) -> None:
        workshop.clock.advance(seconds)
        await workshop.settle()

    world = World(workshop.client, workshop.hub.now, sleep)
    common = {"clientId": client.id, "clientSecret": client.secret}
    hub_url = str(workshop.client.base_url).rstrip("/")
    platform = Platform(load_app(installed, hub=(BUILT_FOR, hub_url)), world, common)
    simulator: Simulator

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await simulator.app(scope, receive, send)

    async with serving(app) as url:  # type: ignore[arg-type]  # any ASGI app
        simulator = Simulator(url)
        yield Maker(workshop, platform, simulator)
