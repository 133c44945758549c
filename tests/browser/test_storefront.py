"""A product is made in a shop; its page plays what the hub made of it, also by keyboard and on a phone."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from playwright.async_api import expect

from connectors.shopify.documents import HASH_KEY, URL_KEY
from connectors.shopify.simulator import Simulator
from connectors.simulation import utc_now
from hub.connections.catalogue import connector_named
from hub.connections.connecting import establish
from hub.connections.form import Filled
from hub.hub import open_hub
from hub.settings import Settings
from tests.browser.person import Person
from tests.browser.watching import too_wide, violations
from tests.flow.hub_server import SHOP_APP, SHOP_PORT, STAND_INS
from tests.hub.running import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLAYED = "audio => !audio.paused && audio.currentTime > 0.1"
STYLE = Path(__file__).parents[2] / "manifests/shopify/extensions/voiceover/assets/player.css"


async def test_a_product_that_is_made_in_a_shop_is_played_on_its_page(stranger: Person, axe: str) -> None:
    account = await asyncio.to_thread(stranger.hub.new_account, plan="paid")
    async with _shop() as (simulator, home):
        await _connect(stranger, account.account_id, simulator)
        path = await simulator.act()
        product = next(iter(simulator.shop.products.values()))

        async def has_audio() -> bool:
            return {key for _, key in product.metafields} == {URL_KEY, HASH_KEY}

        await eventually(has_audio, 90)
        (source,) = [saved["value"] for (_, key), saved in product.metafields.items() if key == URL_KEY]
        assert source.startswith(f"{stranger.hub.url}/a/")
        async with httpx.AsyncClient() as visitor:
            assert (await visitor.get(source)).headers["content-type"] == "audio/mpeg"

        page = stranger.page
        await page.goto(home + path)
        await page.add_style_tag(path=STYLE)
        player = page.locator("audio")
        await expect(player).to_have_accessible_name("Listen to this product")
        assert await player.get_attribute("src") == source
        assert await player.evaluate("audio => audio.readyState") == 0, "loaded before it is played"
        assert await violations(page, axe) == []
        assert await too_wide(page) == []
        await page.keyboard.press("Tab")
        assert await player.evaluate("audio => audio === document.activeElement")
        await page.keyboard.press("Space")
        await page.wait_for_function(f"() => ({PLAYED})(document.querySelector('audio'))")
        assert await player.evaluate("audio => audio.duration") > 2


@asynccontextmanager
async def _shop() -> AsyncIterator[tuple[Simulator, str]]:
    """A simulated shop where the hub takes it for the real one; it sends its webhooks by itself."""
    with socket.create_server(("127.0.0.1", SHOP_PORT)) as listener:
        home = f"http://127.0.0.1:{SHOP_PORT}"
        simulator = Simulator(home)
        simulator.grants.client_id = SHOP_APP.client_id
        simulator.grants.client_secret = SHOP_APP.client_secret.get_secret_value()
        simulator.shop.secret = simulator.grants.client_secret
        server = uvicorn.Server(uvicorn.Config(simulator.app, lifespan="on", log_config=None))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield simulator, home
        finally:
            server.should_exit = True
            await serving


async def _connect(person: Person, account_id: str, simulator: Simulator) -> None:
    """As when its owner comes back from Shopify with the tokens, in a process beside the hub's own."""
    settings = Settings(
        data=person.hub.data,
        port=person.hub.port,
        apps={"shopify": SHOP_APP},
        stand_ins=STAND_INS,
        allow_private_callbacks=True,
        _env_file=None,
    )
    tokens = {name: simulator.credentials[name] for name in ("access_token", "refresh_token")}
    tokens["expires_at"] = (utc_now() + timedelta(minutes=50)).isoformat()
    async with open_hub(settings) as hub:
        connector = connector_named(settings, "shopify")
        await establish(hub, account_id, connector, Filled("Shop", next(iter(STAND_INS))), tokens)
