"""Keys that a merchant allows in their shop: brought by its server, used once the same account is back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
import pytest_asyncio

from connectors.woocommerce.simulated_screen import UNSENT
from hub.connections import granting, sweeping
from hub.connections.catalogue import connector_named
from hub.connections.form import Filled
from hub.errors import Conflict
from hub.store.connection_tables import Authorisation, ConnectionRecord
from tests.hub.connections.conftest import ShopHere, Workshop
from tests.hub.pages.conftest import Browser, sign_up

FORM = "/connections/new/woocommerce"
KEYS = "/connect/woocommerce/keys"


def new_browser(workshop: Workshop) -> Browser:
    return Browser(httpx.AsyncClient(base_url=workshop.client.base_url, follow_redirects=True))


@pytest_asyncio.fixture
async def merchant(workshop: Workshop) -> AsyncIterator[Browser]:
    browser = new_browser(workshop)
    await sign_up(browser, "merchant@example.com")
    yield browser
    await browser.client.aclose()


async def leave(merchant: Browser, shop: ShopHere) -> dict[str, str]:
    """At the shop's page, with what the hub asked there."""
    await merchant.open(FORM)
    await merchant.send(FORM, address=shop.url, by_screen="1")
    url = merchant.attribute("a.button.main", "href")
    await merchant.open(url)
    assert merchant.answer.status_code == 200, merchant.text
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def link(merchant: Browser, words: str) -> str:
    """Where the link of those words on the open page leads."""
    found = next(a.attributes["href"] or "" for a in merchant.page.css("a") if a.text() == words)
    return urljoin(str(merchant.answer.url), found)


async def test_a_merchant_says_yes_and_is_connected(
    workshop: Workshop, shop: ShopHere, merchant: Browser
) -> None:
    asked = await leave(merchant, shop)
    assert set(asked) == {"app_name", "scope", "user_id", "return_url", "callback_url"}
    assert asked["scope"] == "read_write"
    await merchant.open(link(merchant, "Approve"))
    assert merchant.path.startswith("/connections/"), merchant.text
    assert "WooCommerce is connected." in merchant.text
    assert len(shop.shop.webhooks) == 3
    assert len(shop.simulator.keys) == 2
    assert await workshop.count(Authorisation) == 0

    await leave(merchant, shop)
    await merchant.open(link(merchant, "Approve"))
    assert await workshop.count(ConnectionRecord) == 1, "coming back to the same shop mends it"
    assert len(shop.shop.webhooks) == 3


async def test_a_browser_that_is_back_before_the_keys_waits(
    workshop: Workshop, shop: ShopHere, merchant: Browser
) -> None:
    asked = await leave(merchant, shop)
    back = f"{asked['return_url']}?success=1&user_id={asked['user_id']}"
    await merchant.open(back)
    assert "Its keys are on their way." in merchant.text
    assert merchant.attribute('meta[http-equiv="refresh"]', "content") == "2"
    brought = {**shop.credentials, "user_id": asked["user_id"], "key_id": 1, "key_permissions": "read_write"}
    assert (await workshop.client.post(KEYS, json=brought)).status_code == 200
    assert (await workshop.client.post(KEYS, json=brought)).status_code == 409
    await merchant.open(back)
    assert "WooCommerce is connected." in merchant.text


@pytest.mark.parametrize("signed_in", [True, False])
async def test_who_was_sent_to_say_yes_for_somebody_else_gives_them_nothing(
    workshop: Workshop, shop: ShopHere, merchant: Browser, signed_in: bool
) -> None:
    asked = await leave(merchant, shop)
    victim = new_browser(workshop)
    if signed_in:
        await sign_up(victim, "victim@example.com")
    brought = {**shop.credentials, "user_id": asked["user_id"]}
    assert (await workshop.client.post(KEYS, json=brought)).status_code == 200
    back = f"{asked['return_url']}?success=1&user_id={asked['user_id']}"
    await victim.open(back)
    assert victim.answer.status_code == 403
    assert "take its keys away" in victim.text
    await victim.client.aclose()
    await merchant.open(back)
    assert merchant.answer.status_code == 404
    assert (await workshop.count(Authorisation), await workshop.count(ConnectionRecord)) == (0, 0)


async def test_nobody_else_gets_them(workshop: Workshop, shop: ShopHere, merchant: Browser) -> None:
    asked = await leave(merchant, shop)
    back = f"{asked['return_url']}?success=1&user_id={asked['user_id']}"
    brought = {**shop.credentials, "user_id": asked["user_id"]}
    refused = [
        {**brought, "user_id": "x"},
        {**brought, "consumer_key": "ck_1"},
        {"user_id": asked["user_id"]},
        {**brought, "user_id": 5},
    ]
    statuses = [(await workshop.client.post(KEYS, json=body)).status_code for body in refused]
    assert statuses == [404, 422, 422, 404]
    assert (await workshop.client.post(KEYS, content=b"[1]")).status_code == 422
    assert (await workshop.client.post(KEYS, content=b" " * 9000)).status_code == 413
    assert (await workshop.client.post("/connect/shopify/keys", json=brought)).status_code == 404
    assert (await workshop.client.post(KEYS, json=brought)).status_code == 200

    workshop.clock.advance(granting.LIFETIME / timedelta(seconds=1))
    await merchant.open(back)
    assert merchant.answer.status_code == 404
    await sweeping.forget_old(workshop.hub)
    assert (await workshop.count(Authorisation), await workshop.count(ConnectionRecord)) == (0, 0)


async def test_a_merchant_says_no_or_the_hub_cannot_be_told(
    workshop: Workshop, shop: ShopHere, merchant: Browser
) -> None:
    await leave(merchant, shop)
    await merchant.open(link(merchant, "Deny"))
    assert "did not let us in" in merchant.text
    await leave(merchant, shop)
    yes = link(merchant, "Approve")

    async def nobody(url: str, headers: object, body: bytes) -> int:
        return 204

    shop.shop.post = nobody
    await merchant.open(yes)
    assert UNSENT in merchant.text
    assert len(shop.simulator.keys) == 1, "the shop takes keys back that it could not bring"


async def test_a_hub_without_https_says_to_type_the_keys_in(workshop: Workshop, shop: ShopHere) -> None:
    connector = connector_named(workshop.hub.settings, "woocommerce")
    public = workshop.hub.settings.model_copy(update={"allow_private_callbacks": False})
    hub, account = replace(workshop.hub, settings=public), workshop.customer.account_id
    filled = Filled(address=shop.url)
    with pytest.raises(Conflict, match="Type the keys in instead"):
        await granting.begin(hub, account, connector, filled, base_url="http://hub.example")
