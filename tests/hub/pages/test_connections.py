"""Connections and webhooks in the browser, and platforms that send their owners to us and back."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest_asyncio
from sqlalchemy import update

from connectors.shopify.simulator import Simulator
from hub.connections import tokens
from hub.connections.catalogue import connector_named
from hub.connections.connecting import guarded_client
from hub.connections.inbox import Arrival, insert_new
from hub.connections.records import open_credentials, seal_credentials
from hub.settings import App
from hub.store.connection_tables import ConnectionRecord
from hub.store.database import Database
from tests.databases import Prepare
from tests.hub.api.conftest import Customer
from tests.hub.api.serving import serving
from tests.hub.connections.conftest import (
    ShopHere,
    TickingClock,
    Workshop,
    shop,
    workshop,
    workshop_on,
)
from tests.hub.pages.conftest import Browser, sign_up
from tests.hub.receiver import running_receiver

__all__ = ["shop", "workshop"]

STORE = "https://sayhook-demo.myshopify.com"


SignUp = Callable[..., Awaitable[tuple[Browser, Workshop]]]


@pytest_asyncio.fixture
async def signed_up() -> AsyncIterator[SignUp]:
    """Makes a browser inside, and the workshop as the account that signed up there sees it."""
    async with AsyncExitStack() as stack:

        async def made(workshop: Workshop, **mounts: httpx.AsyncBaseTransport) -> tuple[Browser, Workshop]:
            url = str(workshop.client.base_url)
            client = httpx.AsyncClient(base_url=url, follow_redirects=True, mounts=mounts)
            browser = Browser(await stack.enter_async_context(client))
            key = await sign_up(browser)
            account = (await client.get("/v1/account", headers={"Authorization": f"Bearer {key}"})).json()
            return browser, replace(workshop, customer=Customer(account["id"], key))

        yield made


async def test_a_shop_is_connected_watched_changed_and_left_by_forms_alone(
    workshop: Workshop, shop: ShopHere, signed_up: SignUp
) -> None:
    browser, workshop = await signed_up(workshop)
    assert "Nothing is connected yet" in await browser.open("/connections")
    webflow = await browser.open("/connections/new/webflow")
    assert "AUDIO_ADDRESS" in webflow, "the player to be pasted stands in the platform's own guide"
    assert browser.answer.text.count("<h1") == 1
    form = "/connections/new/woocommerce"
    await browser.open(form)
    wrong: dict[str, Any] = {"address": shop.url, **shop.credentials, "consumer_secret": "cs_" + "0" * 40}
    assert "401" in await browser.send(form, **wrong)
    page = await browser.send(form, **{**wrong, **shop.credentials})
    assert "WooCommerce is connected." in page
    assert "of a sample event this would be read" in page.lower()
    path = browser.path
    product = shop.shop.create({"name": "Mug", "description": "<p>Red & round.</p>"})["id"]
    await shop.shop.send_waiting()
    await workshop.settle()
    page = await browser.open(path)
    assert "product.created" in page
    assert "Of your newest event this would be read" in page
    assert "Mug. Red & round." in page
    assert browser.attribute("audio", "src") == shop.audio_of(product)

    many: dict[str, Any] = {"option-most_characters": "many"}
    typed: dict[str, Any] = {"option-text": "Only {{ name }}"}
    fields = {**browser.filled(path), "option-text": "{{ nothing }}"}
    piece = await browser.client.post(f"{path}/preview", data=fields, headers={"HX-Request": "true"})
    assert "asks for the field “nothing”" in html.unescape(piece.text)
    assert "<html" not in piece.text
    await browser.open(path)
    assert "must be a whole number" in await browser.send(path, **many)
    await browser.open(path)
    assert "Saved." in await browser.send(path, **typed)
    replay = browser.action_of("Replay product.created")
    assert "read again" in await browser.send(replay)
    await workshop.settle()
    assert await workshop.spoken() == ["Mug. Red & round.", "Only Mug"]
    connection = path.rpartition("/")[2]
    arrivals = [Arrival(connection, f"d{number}", b"{}", {}, workshop.hub.now()) for number in range(20)]
    async with workshop.hub.database.transaction() as session:
        await insert_new(session, arrivals)
    await browser.open(path)
    older = re.search(r'href="([^"#]+)#events">Older', browser.answer.text)
    assert older is not None
    assert "Older" not in await browser.open(html.unescape(older[1]))
    assert "Newest" in browser.text
    await browser.open(path)
    assert "is being read" in await browser.send(f"{path}/test")
    await browser.open(path)
    assert "kept meanwhile" in await browser.send(f"{path}/pause")
    assert "It goes on" in await browser.send(f"{path}/resume")
    assert "is disconnected" in await browser.send(f"{path}/disconnect")
    assert shop.shop.webhooks == {}
    assert browser.path == "/connections"
    await browser.open(path)
    assert browser.answer.status_code == 404


async def test_an_endpoint_is_added_tried_and_replayed(workshop: Workshop, signed_up: SignUp) -> None:
    browser, workshop = await signed_up(workshop)
    with running_receiver() as receiver:
        receiver.statuses = [500, 200]
        assert "No webhooks yet" in await browser.open("/webhooks")
        assert "cannot be called" in await browser.send("/webhooks", url="http://169.254.169.254/")
        page = await browser.send("/webhooks", url=receiver.url, description="Mine", event=["voice.ready"])
        assert "shown this once" in page
        assert browser.value("#secret").startswith("whsec_")
        path = browser.path
        await browser.send(f"{path}/test")
        await workshop.settle()
        page = await browser.open(path)
        assert "500" in page
        assert "failing" in page
        again = browser.action_of("Send again: webhook.test")
        assert "1 message is sent again" in await browser.send(again)
        await workshop.settle()
        assert "delivered" in await browser.open(path)
        await browser.send(f"{path}/rotate")
        assert browser.value("#secret").startswith("whsec_")
        assert "Switched off" in await browser.send(f"{path}/switch")
        assert "Switched on" in await browser.send(f"{path}/switch")
        assert "is deleted" in await browser.send(f"{path}/delete")
        assert len(receiver.received) == 2
        await browser.send("/webhooks", url=receiver.url, signature="v1a")
        first = browser.value("#public-key")
        await browser.send(f"{browser.path}/rotate")
        assert first.startswith("whpk_")
        assert first != browser.value("#public-key")
        assert "whsk_" not in browser.answer.text


@asynccontextmanager
async def shopify_hub(
    tmp_path: Path, redis_url: str, prepare_sqlite: Prepare
) -> AsyncIterator[tuple[Workshop, Simulator]]:
    """A hub that is an app of a simulated Shopify."""
    clock = TickingClock()
    simulator: Any = None

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await simulator.app(scope, receive, send)

    database = Database(prepare_sqlite(tmp_path))
    async with httpx.AsyncClient() as platform, serving(app) as home:  # type: ignore[arg-type]  # any ASGI app

        async def post(url: str, headers: Any, body: bytes) -> int:
            return (await platform.post(url, headers=dict(headers), content=body)).status_code

        simulator = Simulator(home, post=post, now=clock)
        given = simulator.credentials
        shopify = App(client_id=given["client_id"], client_secret=given["client_secret"])
        settings: dict[str, Any] = {"apps": {"shopify": shopify}, "stand_ins": {STORE: home}}
        async with workshop_on(database, tmp_path, redis_url, clock, **settings) as workshop:
            yield workshop, simulator
    await database.close()


async def test_a_merchant_installs_our_app_and_comes_back_connected(
    tmp_path: Path, redis_url: str, prepare_sqlite: Prepare, signed_up: SignUp
) -> None:
    async with shopify_hub(tmp_path, redis_url, prepare_sqlite) as (workshop, simulator):
        browser, workshop = await signed_up(workshop, **{STORE: httpx.ASGITransport(simulator.app)})
        link = simulator.install_link(f"{workshop.client.base_url}/connect/shopify")
        forged = link.replace("hmac=", "hmac=0")
        await browser.open(forged)
        assert browser.answer.status_code == 403
        assert "Shopify is connected." in await browser.open(link)
        (made,) = (await workshop.call("GET", "/v1/connections"))["data"]
        assert (made["address"], made["status"]) == (STORE, "live")
        assert browser.path == f"/connections/{made['id']}"

        await browser.open("/connections/new/shopify")
        page = await browser.send("/connections/new/shopify", address=STORE)
        assert "Shopify asks you now" in page
        away = browser.attribute("main a.button", "href")
        assert urlsplit(away).hostname == urlsplit(STORE).hostname
        assert "Shopify is connected." in await browser.open(away)
        assert len((await workshop.call("GET", "/v1/connections"))["data"]) == 1, "the same shop is mended"
        back = browser.answer.history[-1].url
        await browser.open(str(back))
        assert browser.answer.status_code == 403, "a state works once"

        await simulator.act()
        await simulator.shop.send_waiting()
        await workshop.settle()
        assert [push.status for push in await workshop.pushes()] == ["pushed"]


async def test_what_is_there_is_priced_and_spoken_by_a_button(
    tmp_path: Path, redis_url: str, prepare_sqlite: Prepare, signed_up: SignUp
) -> None:
    async with shopify_hub(tmp_path, redis_url, prepare_sqlite) as (workshop, simulator):
        browser, workshop = await signed_up(workshop, **{STORE: httpx.ASGITransport(simulator.app)})
        simulator.shop.create({"title": "Mug", "body_html": "Red."})
        simulator.shop.create({"title": "Cup", "status": "draft"})
        page = await browser.open(simulator.install_link(f"{workshop.client.base_url}/connect/shopify"))
        assert "Speak what is there" in page
        path = f"{browser.path}/backfill"
        page = await browser.open(path)
        assert "2 things are there" in page
        assert "1 would be spoken" in page
        assert "Speak them for 50 credits" in page
        simulator.shop.create({"title": "Jug"})
        assert "costs 100 credits now" in await browser.send(path)
        await browser.open(path)
        assert "under way" in await browser.send(path)
        await workshop.settle()
        assert await workshop.spoken() == ["Mug. Red.", "Jug."]
        assert "2 already speak their text" in await browser.open(path)
        for number in range(20):
            simulator.shop.create({"title": f"Bowl {number}"})
        assert "not enough for all of it" in await browser.open(path)
        await browser.open(path.removesuffix("/backfill"))
        await browser.send(f"{path.removesuffix('/backfill')}/pause")
        assert "is not live" in await browser.open(path)


async def test_an_old_token_is_renewed_once_however_many_want_it(
    tmp_path: Path, redis_url: str, prepare_sqlite: Prepare, signed_up: SignUp
) -> None:
    async with shopify_hub(tmp_path, redis_url, prepare_sqlite) as (workshop, simulator):
        browser, workshop = await signed_up(workshop, **{STORE: httpx.ASGITransport(simulator.app)})
        await browser.open(simulator.install_link(f"{workshop.client.base_url}/connect/shopify"))
        (made,) = (await workshop.call("GET", "/v1/connections"))["data"]
        record = await workshop.record(made["id"])
        before = open_credentials(workshop.hub.secrets, record)
        workshop.clock.advance(3600)
        connector = connector_named(workshop.hub.settings, "shopify")
        async with guarded_client(workshop.hub) as client:
            renewed = await asyncio.gather(
                *(tokens.fresh(workshop.hub, client, connector, record) for _ in range(8))
            )
        after = {one.credentials for one in renewed}
        assert len(after) == 1
        kept = open_credentials(workshop.hub.secrets, await workshop.record(made["id"]))
        assert kept["access_token"] != before["access_token"]
        assert kept["refresh_token"] != before["refresh_token"]

        spoilt = seal_credentials(workshop.hub.secrets, {**kept, "access_token": "no", "refresh_token": "no"})
        async with workshop.hub.database.transaction() as session:
            await session.execute(update(ConnectionRecord).values(credentials=spoilt))
        await simulator.act()
        await simulator.shop.send_waiting()
        await workshop.settle()
        assert (await workshop.record(made["id"])).status == "broken"
        path = f"/connections/{made['id']}"
        await browser.open(path)
        assert "Shopify asks you now" in await browser.send(f"{path}/resume")
        assert "Shopify is connected." in await browser.open(browser.attribute("main a.button", "href"))
        await workshop.settle()
        assert [push.status for push in await workshop.pushes()] == ["pushed"]
