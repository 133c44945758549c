"""A Shopify shop and the hub: connected, heard, written back, and forgotten when the shop asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select

from connectors.shopify.documents import HASH_KEY, URL_KEY
from connectors.shopify.simulator import Simulator
from hub.connections.authorising import arrival, begin, finish
from hub.connections.catalogue import connector_named
from hub.connections.connecting import establish
from hub.connections.form import Filled
from hub.connections.stand_ins import stand_in
from hub.connections.sweeping import sweep
from hub.errors import Forbidden
from hub.store.connection_tables import ConnectionRecord, InboundEvent, TargetRecord
from hub.store.database import Database
from hub.store.tables import Generation, LedgerEntry
from tests.databases import Prepare
from tests.hub.api.serving import serving
from tests.hub.connections.conftest import TickingClock, Workshop, workshop_on
from tests.hub.connections.editing import EDITS, PRODUCTS, at_random

OWN = "app--4028497"


@dataclass
class Trade:
    """The shop at its address, the hub, and the connection between them."""

    workshop: Workshop
    simulator: Simulator
    connection: str
    platform: httpx.AsyncClient

    @property
    def address(self) -> str:
        return self.simulator.stands_for[0]

    @property
    def hook(self) -> str:
        return f"{self.workshop.hub.settings.base_url}/hooks/shopify"

    async def settle(self) -> None:
        while await self.simulator.shop.send_waiting():
            await self.workshop.settle()

    def metafield(self, product: int, key: str) -> str | None:
        found = self.simulator.shop.products[product].metafields.get((OWN, key))
        return None if found is None else str(found["value"])


async def _post(platform: httpx.AsyncClient, url: str, headers: Mapping[str, str], body: bytes) -> int:
    return (await platform.post(url, headers=dict(headers), content=body)).status_code


@pytest_asyncio.fixture
async def trade(tmp_path: Path, redis_url: str, prepare_sqlite: Prepare) -> AsyncIterator[Trade]:
    database = Database(prepare_sqlite(tmp_path))
    clock = TickingClock()
    simulator: Simulator

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await simulator.app(scope, receive, send)

    async with httpx.AsyncClient() as platform, serving(app) as url:  # type: ignore[arg-type]  # any ASGI app
        simulator = Simulator(url, post=partial(_post, platform), now=lambda: clock.instant)
        known = simulator.credentials
        own = {
            "apps": {"shopify": {name: known[name] for name in ("client_id", "client_secret")}},
            "stand_ins": dict.fromkeys(simulator.stands_for, url),
        }
        async with workshop_on(database, tmp_path, redis_url, clock, **own) as workshop:
            tokens = {name: known[name] for name in ("access_token", "refresh_token")}
            tokens["expires_at"] = (clock.instant + timedelta(hours=1)).isoformat()
            connector = connector_named(workshop.hub.settings, "shopify")
            record = await establish(
                workshop.hub,
                workshop.customer.account_id,
                connector,
                Filled("Shop", simulator.stands_for[0]),
                tokens,
            )
            yield Trade(workshop, simulator, record.id, platform)
    await database.close()


async def test_a_product_is_heard_written_back_and_its_echo_costs_nothing(trade: Trade) -> None:
    workshop, shop = trade.workshop, trade.simulator.shop
    path = await trade.simulator.act()
    await trade.settle()
    assert await workshop.spoken() == ["Enamel mug. A mug for the camp fire. It holds 350 ml."]
    product = next(iter(shop.products))
    url, digest = trade.metafield(product, URL_KEY), trade.metafield(product, HASH_KEY)
    assert url is not None
    assert (await workshop.client.get(url)).headers["content-type"] == "audio/mpeg"
    assert url in (await trade.platform.get(shop.storefront + path)).text
    verdicts = [event["verdict"] for event in await workshop.events(trade.connection)]
    assert verdicts == ["ignored", "spoken"]

    shop.save(product, {"body_html": "It holds half a litre."})
    await trade.settle()
    assert trade.metafield(product, URL_KEY) == url
    assert trade.metafield(product, HASH_KEY) != digest
    assert len(await workshop.spoken()) == trade.simulator.api.writes == 2


async def test_an_owner_goes_to_the_shop_and_comes_back_connected(trade: Trade) -> None:
    """The consent screen, the signed way back, the exchange of the code, and no second connection."""
    hub, simulator, account = trade.workshop.hub, trade.simulator, trade.workshop.customer.account_id
    connector = connector_named(hub.settings, "shopify")
    filled = Filled("Shop", trade.address)

    async def consented() -> SplitResult:
        asked = await begin(hub, account, connector, filled, base_url="https://hub.test")
        assert asked.startswith(f"{trade.address}/admin/oauth/authorize?")
        consent = await trade.platform.get(stand_in(hub.settings, asked))
        return urlsplit(consent.headers["location"])

    for change in (("code=", "code=0"), ("sayhook-demo", "another")):
        with pytest.raises(Forbidden, match="was not signed by Shopify"):
            await finish(hub, account, connector, (await consented()).query.replace(*change))
    back = await consented()
    assert f"{back.scheme}://{back.netloc}{back.path}" == "https://hub.test/connect/shopify/callback"
    record = await finish(hub, account, connector, back.query)
    assert (record.id, record.status) == (trade.connection, "live")
    assert record.external_id == "sayhook-demo.myshopify.com"
    assert len(simulator.shop.subscriptions) == 3
    with pytest.raises(Forbidden, match="not valid any more"):
        await finish(hub, account, connector, back.query)
    install = urlsplit(simulator.install_link("https://hub.test/connect/shopify"))
    assert arrival(hub, connector, install.query) == trade.address
    trade.workshop.clock.advance(2 * 3600)
    await simulator.act()
    await trade.settle()
    assert simulator.api.writes == 1


async def test_fifty_of_the_same_at_once_are_one_job_one_charge_one_write(trade: Trade) -> None:
    sent: list[tuple[str, dict[str, str], bytes]] = []

    async def keep(url: str, headers: Mapping[str, str], body: bytes) -> int:
        sent.append((url, dict(headers), body))
        return 200

    trade.simulator.shop.post = keep
    await trade.simulator.act()
    await trade.simulator.shop.send_waiting()
    ((url, headers, body),) = sent
    assert url == trade.hook
    answers = await asyncio.gather(
        *(trade.platform.post(url, headers=headers, content=body) for _ in range(50))
    )
    assert {answer.status_code for answer in answers} == {200}
    await trade.workshop.settle()
    assert await trade.workshop.count(InboundEvent) == await trade.workshop.count(Generation) == 1
    assert trade.simulator.api.writes == 1
    async with trade.workshop.hub.database.reading() as session:
        lines = list(await session.scalars(select(LedgerEntry).where(LedgerEntry.generation_id.is_not(None))))
    assert [line.kind for line in lines] == ["hold", "settle"]
    assert (sum(line.credits for line in lines), sum(line.held for line in lines)) == (-50, 0)


async def test_the_token_is_renewed_every_hour_and_an_unsigned_or_unknown_call_leaves_no_row(
    trade: Trade,
) -> None:
    trade.workshop.clock.advance(2 * 3600)
    await trade.simulator.act()
    await trade.settle()
    assert trade.simulator.api.writes == 1

    before = await trade.workshop.count(InboundEvent)
    forged = await trade.platform.post(trade.hook, headers={"X-Shopify-Hmac-Sha256": "bm8="}, content=b"{}")
    assert forged.status_code == 401
    trade.simulator.shop.domain = "another.myshopify.com"
    await trade.simulator.act()
    assert await trade.simulator.shop.send_waiting() == 1
    assert trade.simulator.shop.waiting == []
    assert await trade.workshop.count(InboundEvent) == before


async def test_a_shop_that_takes_the_app_off_is_forgotten_two_days_later(trade: Trade) -> None:
    await trade.simulator.act()
    await trade.settle()
    product = next(iter(trade.simulator.shop.products))
    url = trade.metafield(product, URL_KEY) or ""
    trade.simulator.uninstall()
    await trade.settle()
    record = await trade.workshop.record(trade.connection)
    assert (record.status, record.sentence) == (
        "broken",
        "The shop took the app off. Install it again to go on.",
    )
    assert (await trade.workshop.client.get(url)).status_code == 200

    trade.workshop.clock.advance(48 * 3600)
    trade.simulator.shop.comply("customers/redact", customer={"email": "john@example.com"})
    trade.simulator.shop.comply("shop/redact")
    await trade.settle()
    kept = [await trade.workshop.count(table) for table in (ConnectionRecord, InboundEvent, TargetRecord)]
    assert kept == [0, 0, 0]
    assert (await trade.workshop.client.get(url)).status_code == 404
    assert await trade.workshop.spoken() == [""]


async def test_a_late_farewell_does_not_end_what_was_installed_again(trade: Trade) -> None:
    hub, simulator, account = trade.workshop.hub, trade.simulator, trade.workshop.customer.account_id
    connector, filled = connector_named(hub.settings, "shopify"), Filled("Shop", trade.address)
    simulator.uninstall()
    trade.workshop.clock.advance(60)
    asked = await begin(hub, account, connector, filled, base_url="https://hub.test")
    consent = await trade.platform.get(stand_in(hub.settings, asked))
    again = await finish(hub, account, connector, urlsplit(consent.headers["location"]).query)
    assert again.id == trade.connection
    await trade.settle()
    record = await trade.workshop.record(trade.connection)
    (farewell,) = await trade.workshop.events(trade.connection)
    assert (record.status, farewell["name"]) == ("live", "app/uninstalled")
    await simulator.act()
    await trade.settle()
    assert simulator.api.writes == 1

    simulator.uninstall()
    await trade.settle()
    assert (await trade.workshop.record(trade.connection)).status == "broken"


async def test_who_asks_for_their_data_leaves_none_behind(trade: Trade) -> None:
    trade.simulator.shop.comply("customers/data_request", customer={"email": "john@example.com"})
    await trade.settle()
    async with trade.workshop.hub.database.reading() as session:
        rows = list((await session.scalars(select(InboundEvent))).all())
    assert [event.verdict for event in rows] == ["ignored"]
    assert all(b"john@example.com" not in event.payload for event in rows)


async def test_what_was_missed_is_found_the_next_day_and_the_webhooks_are_made_anew(trade: Trade) -> None:
    shop = trade.simulator.shop
    shop.subscriptions.clear()
    await trade.simulator.act()
    assert await shop.send_waiting() == 0
    trade.workshop.clock.advance(25 * 3600)
    await sweep(trade.workshop.hub)
    await trade.workshop.settle()
    assert len(shop.subscriptions) == 3
    assert await trade.workshop.spoken() == ["Enamel mug. A mug for the camp fire. It holds 350 ml."]
    assert trade.simulator.api.writes == 1
    await trade.settle()
    trade.workshop.clock.advance(25 * 3600)
    await sweep(trade.workshop.hub)
    await trade.workshop.settle()
    assert len(await trade.workshop.spoken()) == 1


async def test_what_was_there_before_is_priced_and_spoken_when_its_owner_agrees(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many pages there are, and however few are gone through before others have their turn."""
    monkeypatch.setattr("hub.connections.looking._PAGES_AT_ONCE", 1)
    workshop, shop = trade.workshop, trade.simulator.shop
    path = f"/v1/connections/{trade.connection}/backfill"
    shop.subscriptions.clear()
    for number in range(52):
        shop.create({"title": f"Draft {number}", "status": "draft"})
    made = [shop.create({"title": f"Mug {number}", "body_html": "Blue."}).id for number in range(5)]
    shop.create({"title": "Book", "body_html": "It was calm that morning. " * 40})
    price = await workshop.call("GET", path)
    assert price == {
        "total": 58,
        "seen": 58,
        "to_speak": 6,
        "unchanged": 0,
        "left_out": 52,
        "unreadable": 0,
        "credits": 5 * 50 + 3 * 50,
        "balance": 100_500,
    }
    refused = await workshop.call("POST", path, 409, json={"credits": price["credits"] - 1})
    assert refused["code"] == "price_changed"
    assert await workshop.spoken() == []
    await workshop.call("POST", path, 202, json={"credits": price["credits"]})
    await workshop.settle()
    assert len(await workshop.spoken()) == trade.simulator.api.writes == 6
    assert trade.metafield(made[4], URL_KEY) is not None
    spent = 100_500 - (await workshop.call("GET", "/v1/account"))["credits"]
    assert spent == price["credits"]

    again = await workshop.call("GET", path)
    assert (again["to_speak"], again["unchanged"], again["credits"]) == (0, 6, 0)
    assert (await workshop.record(trade.connection)).fill_at is None
    changed = {"options": {"text": "Now: {{ title }}"}, "name": "Shop"}
    await workshop.call("PATCH", f"/v1/connections/{trade.connection}", json=changed)
    more = await workshop.call("GET", path)
    assert (more["to_speak"], more["credits"]) == (6, 6 * 50)
    await workshop.call("POST", path, 202, json={"credits": more["credits"]})
    trade.workshop.clock.advance(60)
    await workshop.settle()
    assert len(await workshop.spoken()) == 6 * 2

    dear = {"options": {"text": "{{ titel }}"}}
    await workshop.call("PATCH", f"/v1/connections/{trade.connection}", json=dear)
    assert (await workshop.call("GET", path))["unreadable"] == 6
    await workshop.call("POST", f"/v1/connections/{trade.connection}/pause")
    assert (await workshop.call("GET", path, 409))["code"] == "connection_not_live"


async def test_a_price_that_cannot_be_paid_or_asked_is_told(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And of a catalogue too large to be gone through at once, the rest is reckoned."""
    workshop, shop = trade.workshop, trade.simulator.shop
    path = f"/v1/connections/{trade.connection}/backfill"
    shop.subscriptions.clear()
    for number in range(80):
        shop.create({"title": "Book", "body_html": f"Part {number}. " + "It was calm that morning. " * 700})
    await workshop.call(
        "PATCH", path.removesuffix("/backfill"), json={"options": {"most_characters": 20_000}}
    )
    monkeypatch.setattr("hub.connections.filling.SECONDS", 0.0)
    bucket = trade.simulator.api.bucket
    bucket.left, bucket.restore = bucket.maximum, 0.0
    price = await workshop.call("GET", path)
    page_cost = bucket.maximum - bucket.left
    assert (price["seen"], price["total"], price["to_speak"]) == (50, 80, 50)
    assert price["credits"] > price["balance"]
    monkeypatch.setattr("hub.connections.filling.SECONDS", 40.0)
    bucket.left = 1.5 * page_cost
    assert await workshop.call("GET", path) == price, "and where the platform has no time for more"
    bucket.left = bucket.maximum
    refused = await workshop.call("POST", path, 402, json={"credits": price["credits"]})
    assert refused["detail"].startswith("Insufficient credits")
    await workshop.call("POST", path, 422, json={"credits": -1})
    trade.simulator.grants.revoke()
    refused = await workshop.call("GET", path, 422)
    assert "token" in refused["detail"]
    assert (await workshop.record(trade.connection)).fill_at is None


async def test_twenty_products_edited_at_random_are_each_text_spoken_once(trade: Trade) -> None:
    """Each save is announced twice, some change nothing that is read, and each write of ours is echoed."""
    workshop, shop, chance = trade.workshop, trade.simulator.shop, Random(5)
    shop.repeat = 2
    products = [shop.create({"title": f"Mug {n}", "status": "draft"}).id for n in range(PRODUCTS)]
    expected: list[str] = []
    for batch in at_random(chance, products):
        for product in batch:
            edit = f"Edit {len(expected)}."
            expected.append(f"{shop.products[product].fields['title']}. {edit}")
            shop.save(product, {"body_html": f"<p>{edit}</p>", "status": "active"})
            shop.save(chance.choice(products), {"variants": [{"price": edit}]})
        await trade.settle()
    assert sorted(await workshop.spoken()) == sorted(expected)
    assert len(expected) == trade.simulator.api.writes == PRODUCTS * EDITS
    for product in products:
        assert trade.metafield(product, URL_KEY) is not None
