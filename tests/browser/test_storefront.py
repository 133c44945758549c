"""A product's page in a shop plays what the hub spoke, also by keyboard and on a phone."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import expect

from connectors.shopify.documents import URL_KEY
from connectors.shopify.simulator import Simulator
from tests.browser.person import Person
from tests.browser.watching import too_wide, violations

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXT = "Enamel mug. A mug for the camp fire. It holds 350 ml."
PLAYED = "audio => !audio.paused && audio.currentTime > 0.1"
STYLE = Path(__file__).parents[2] / "manifests/shopify/extensions/voiceover/assets/player.css"


async def test_a_shopify_product_s_page_plays_its_voice(stranger: Person, axe: str) -> None:
    url = await asyncio.to_thread(_spoken, stranger)
    listener = socket.create_server(("127.0.0.1", 0))
    home = f"http://127.0.0.1:{listener.getsockname()[1]}"
    simulator = Simulator(home)
    server = uvicorn.Server(uvicorn.Config(simulator.app, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    path = await simulator.act()
    product = next(iter(simulator.shop.products.values()))
    place = {"namespace": "app--4028497", "key": URL_KEY, "type": "url"}
    simulator.shop.write_metafields(product, [{**place, "value": url}])
    try:
        page = stranger.page
        await page.goto(home + path)
        await page.add_style_tag(path=STYLE)
        player = page.locator("audio")
        await expect(player).to_have_accessible_name("Listen to this product")
        assert await player.evaluate("audio => audio.readyState") == 0, "loaded before it is played"
        assert await violations(page, axe) == []
        assert await too_wide(page) == []
        await page.keyboard.press("Tab")
        assert await player.evaluate("audio => audio === document.activeElement")
        await page.keyboard.press("Space")
        await page.wait_for_function(f"() => ({PLAYED})(document.querySelector('audio'))")
        assert await player.evaluate("audio => audio.duration") > 2
    finally:
        server.should_exit = True
        await serving
        listener.close()


def _spoken(person: Person) -> str:
    account = person.hub.new_account(plan="paid")
    accepted = account.generate(TEXT, format="mp3")
    return str(account.completed(accepted["id"])["output_url"])
