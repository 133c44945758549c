"""The simulated shop refuses what Shopify refuses, with Shopify's own words and codes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx
import pytest
from graphql import parse

from connectors.shopify import documents
from connectors.shopify.costs import cost_of
from connectors.shopify.simulator import Simulator
from connectors.simulation import post_over_http
from tests.connectors.shopify.shops import HOME, START

GRAPHQL = f"{HOME}/admin/api/{documents.API_VERSION}/graphql.json"
TOKENS = f"{HOME}/admin/oauth/access_token"


class Visitor:
    """Somebody with the app's id and secret, and the clock in their hand."""

    def __init__(self) -> None:
        self.now = START
        self.simulator = Simulator(HOME, now=lambda: self.now)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.simulator.app))
        known = self.simulator.credentials
        self.app = {name: known[name] for name in ("client_id", "client_secret")}
        self.token = known["access_token"]

    async def grant(self, **given: str) -> tuple[int, dict[str, Any]]:
        answer = await self.client.post(TOKENS, data={**self.app, **given})
        return answer.status_code, answer.json()

    async def ask(self, query: str, token: str | None = None, **variables: Any) -> tuple[int, dict[str, Any]]:
        headers = {"X-Shopify-Access-Token": self.token if token is None else token}
        asked = {"query": query, "variables": variables}
        answer = await self.client.post(GRAPHQL, headers=headers, json=asked)
        return answer.status_code, answer.json()

    async def code(self, **more: str) -> str:
        query = {**self.app, "scope": "write_products,read_orders", "redirect_uri": "https://hub.test/back"}
        answer = await self.client.get(f"{HOME}/admin/oauth/authorize", params={**query, **more})
        assert answer.status_code == 302
        return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    made = Visitor()
    async with made.client:
        yield made


async def test_a_code_is_good_once_and_for_the_app_alone(visitor: Visitor) -> None:
    code = await visitor.code()
    assert await visitor.grant(code=code, client_secret="other") == (400, {"error": "invalid_client"})
    status, granted = await visitor.grant(code=code, expiring="1")
    assert status == 200
    assert granted["scope"] == "write_products"
    assert (granted["expires_in"], granted["refresh_token_expires_in"]) == (3600, 90 * 86400)
    assert await visitor.grant(code=code, expiring="1") == (400, {"error": "invalid_request"})
    stranger = await visitor.client.get(f"{HOME}/admin/oauth/authorize", params={"client_id": "other"})
    assert stranger.status_code == 400


async def test_a_token_that_never_ends_is_not_taken(visitor: Visitor) -> None:
    _, granted = await visitor.grant(code=await visitor.code())
    assert granted.keys() == {"access_token", "scope"}
    status, told = await visitor.ask(documents.SHOP, granted["access_token"])
    assert status == 403
    assert told["errors"].startswith("Non-expiring access tokens are no longer accepted")


async def test_a_used_refresh_token_lives_until_its_replacement_is_used(visitor: Visitor) -> None:
    first = visitor.simulator.credentials["refresh_token"]
    renew = {"grant_type": "refresh_token"}
    _, lost = await visitor.grant(**renew, refresh_token=first)
    _, second = await visitor.grant(**renew, refresh_token=first)
    assert second["refresh_token"] != lost["refresh_token"]
    _, third = await visitor.grant(**renew, refresh_token=second["refresh_token"])
    assert await visitor.grant(**renew, refresh_token=first) == (400, {"error": "invalid_grant"})
    visitor.now += timedelta(days=90)
    dead = await visitor.grant(**renew, refresh_token=third["refresh_token"])
    assert dead == (400, {"error": "invalid_grant"})


async def test_the_admin_api_wants_a_live_token_and_a_version(visitor: Visitor) -> None:
    assert (await visitor.ask(documents.SHOP))[0] == 200
    status, told = await visitor.ask(documents.SHOP, "shpat_none")
    assert (status, told["errors"][:26]) == (401, "[API] Invalid API key or a")
    visitor.now += timedelta(hours=1)
    assert (await visitor.ask(documents.SHOP))[0] == 401
    answer = await visitor.client.post(f"{HOME}/admin/api/latest/graphql.json")
    assert (answer.status_code, answer.json()) == (404, {"errors": "Not Found"})


async def test_questions_that_are_none_are_told(visitor: Visitor) -> None:
    answer = await visitor.client.post(
        GRAPHQL, headers={"X-Shopify-Access-Token": visitor.token}, content=b"{"
    )
    assert answer.status_code == 400
    for query in ("{", "{ shop { nme } }"):
        status, told = await visitor.ask(query)
        assert status == 200
        assert "data" not in told
        assert told["errors"][0]["message"]


async def test_a_question_has_its_price(visitor: Visitor) -> None:
    page = parse(documents.PRODUCTS)
    assert cost_of(page, {"first": 50}) == 52
    assert cost_of(parse(documents.SET_VOICEOVER), {}) == 11
    assert cost_of(parse("{ products(first: 7) { nodes { id } } }"), {}) == 8
    _, told = await visitor.ask(documents.PRODUCTS, first=2000)
    assert told["errors"][0]["extensions"]["code"] == "MAX_COST_EXCEEDED"
    _, told = await visitor.ask(documents.PRODUCTS, first=50)
    cost = told["extensions"]["cost"]
    assert (cost["requestedQueryCost"], cost["throttleStatus"]["currentlyAvailable"]) == (52, 1948)
    visitor.now += timedelta(seconds=0.5)
    assert (await visitor.ask("{ shop { name } }"))[1]["extensions"]["cost"]["throttleStatus"] == {
        "maximumAvailable": 2000.0,
        "currentlyAvailable": 1997,
        "restoreRate": 100.0,
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ownerId": "gid://shopify/Product/1"}, "INVALID"),
        ({"ownerId": "gid://shopify/Order/x"}, "INVALID"),
        ({"type": "song"}, "INVALID_TYPE"),
        ({"value": "not an address"}, "INVALID_VALUE"),
        ({"compareDigest": "0" * 64}, "STALE_OBJECT"),
        ({"key": "many"}, "LESS_THAN_OR_EQUAL_TO"),
    ],
)
async def test_a_metafield_that_does_not_fit_writes_none(
    visitor: Visitor, change: dict[str, str], code: str
) -> None:
    product = visitor.simulator.shop.create({"title": "Mug"})
    good = {
        "ownerId": product.gid,
        "key": "url",
        "namespace": "$app:sub",
        "type": "url",
        "value": "https://a.b",
    }
    entries = [good] * 26 if change == {"key": "many"} else [good, {**good, **change}]
    _, told = await visitor.ask(documents.SET_VOICEOVER, metafields=entries)
    assert [error["code"] for error in told["data"]["metafieldsSet"]["userErrors"]] == [code]
    assert product.metafields == {}
    await visitor.ask(documents.SET_VOICEOVER, metafields=[good])
    assert list(product.metafields) == [("app--4028497--sub", "url")]


async def test_a_webhook_is_made_once_for_a_topic_and_an_address(visitor: Visitor) -> None:
    webhook = {"uri": "https://hub.test/hooks", "format": "JSON"}
    messages = []
    for _ in range(2):
        _, told = await visitor.ask(documents.ADD_WEBHOOK, topic="PRODUCTS_CREATE", webhook=webhook)
        messages += [error["message"] for error in told["data"]["webhookSubscriptionCreate"]["userErrors"]]
    assert messages == ["Address for this topic has already been taken"]
    _, told = await visitor.ask(documents.REMOVE_WEBHOOK, id="gid://shopify/WebhookSubscription/1")
    gone = told["data"]["webhookSubscriptionDelete"]["userErrors"]
    assert [error["message"] for error in gone] == ["Webhook subscription does not exist"]


async def test_drafts_have_no_page(visitor: Visitor) -> None:
    visitor.simulator.shop.create({"handle": "secret", "status": "draft"})
    for handle in ("secret", "nothing"):
        assert (await visitor.client.get(f"{HOME}/products/{handle}")).status_code == 404


async def test_under_a_server_it_sends_by_itself() -> None:
    arrived = anyio.Event()

    async def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
        arrived.set()
        return 200

    simulator = Simulator(HOME, post=post)
    simulator.shop.subscribe("PRODUCTS_CREATE", "https://hub.test/hooks", ())
    async with simulator.app.router.lifespan_context(simulator.app):
        await simulator.act()
        with anyio.fail_after(5):
            await arrived.wait()


async def test_a_hub_that_is_not_there_is_no_answer() -> None:
    assert await post_over_http(seconds=1)("http://127.0.0.1:9/hooks", {}, b"{}") == 0
