"""One hub, one simulated Zapier and one Node process with our app for all tests of this folder."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import pytest_asyncio

from connectors.zapier.simulator import Simulator
from hub.oauth import create_client
from hub.oauth.authorization import Redirect, authorization_request
from hub.store.database import Database
from tests.connectors.zapier.platform import APP, DRIVER, Platform, running_platform
from tests.databases import Prepare
from tests.hub.api.serving import serving
from tests.hub.conftest import shared_valkey
from tests.hub.connections.conftest import TickingClock, Workshop, workshop_on
from tests.hub.oauth.provider import challenge_of
from tests.npm import installed
from tests.valkey import Valkey

__all__ = ["app_folder", "shared_valkey", "world"]

RETURN = "https://zapier.com/dashboard/auth/oauth/return/App1CLIAPI/"
VERIFIER = "v" * 64
QUEUE_LIMIT = 5


@pytest.fixture(scope="session")
def app_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our app with its packages, installed from the package registry."""
    folder = installed(APP, tmp_path_factory.mktemp("zapier") / "app")
    shutil.copy(DRIVER, folder)
    return folder


@dataclass
class World:
    """Everything a Zap touches."""

    workshop: Workshop
    zapier: Simulator
    app: Platform
    client: dict[str, str] = field(default_factory=dict)

    async def code(self, *, verifier: str = VERIFIER) -> str:
        """The owner says yes to what the app asks; Zapier adds the challenge itself."""
        url = await self.app.run(
            "authentication.oauth2Config.authorizeUrl",
            inputData={"redirect_uri": RETURN, "state": "s" * 43},
        )
        asked = dict(parse_qsl(urlsplit(url).query, strict_parsing=True))
        asked |= {"code_challenge": challenge_of(verifier), "code_challenge_method": "S256"}
        hub = self.workshop.hub
        request = authorization_request(hub, hub.settings.base_url, asked.items())
        answer = await request.answered(self.workshop.customer.account_id, allow=True)
        assert isinstance(answer, Redirect)
        back = dict(parse_qsl(urlsplit(answer.location).query))
        assert back["state"] == "s" * 43
        return back["code"]

    async def tokens(self) -> dict[str, str]:
        given = {"code": await self.code(), "redirect_uri": RETURN, "code_verifier": VERIFIER}
        tokens: dict[str, str] = await self.app.run(
            "authentication.oauth2Config.getAccessToken", inputData=given
        )
        return tokens


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory,
    shared_valkey: Valkey,
    app_folder: Path,
    prepare_sqlite: Prepare,
) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("zapier-hub")
    database = Database(prepare_sqlite(folder))
    zapier: Simulator

    async def served(scope: Any, receive: Any, send: Any) -> None:
        await zapier.app(scope, receive, send)

    async with (
        workshop_on(database, folder, shared_valkey.url, TickingClock(), queue_limit=QUEUE_LIMIT) as workshop,
        serving(served) as home,  # type: ignore[arg-type]  # any ASGI app
    ):
        zapier = Simulator(home)
        async with workshop.hub.database.transaction() as session:
            made = await create_client(session, name="Zapier", redirect_uris=[RETURN], now=workshop.hub.now())
        environment: Mapping[str, str] = {
            "HUB_URL": workshop.hub.settings.base_url,
            "CLIENT_ID": made.id,
            "CLIENT_SECRET": made.secret or "",
            "ZAPIER_BASE_ENDPOINT": home,
            "ZAPIER_DEPLOY_KEY": "x",
        }
        async with running_platform(app_folder, environment) as app:
            world = World(workshop, zapier, app, {"id": made.id})
            app.auth = await world.tokens()
            yield world
    await database.close()


@pytest.fixture(autouse=True)
def _fresh_windows(shared_valkey: Valkey) -> None:
    """No test uses up the rate windows of another."""
    shared_valkey.flush()
