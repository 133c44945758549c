"""One simulated shop and one hub that know each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from graphql import GraphQLSchema

from connectors.discovery import discover
from connectors.shopify.simulator import SCOPES, Simulator
from connectors.values import Connection
from tests.connectors.loop import Loop

SHOPIFY = discover()["shopify"]
HOME = "https://enamel-and-co.myshopify.com"
START = datetime(2026, 11, 22, 16, tzinfo=UTC)


class Pair:
    def __init__(self, schema: GraphQLSchema | None = None, scopes: frozenset[str] = SCOPES) -> None:
        self.now = START
        self.simulator = Simulator(HOME, post=self._post, now=lambda: self.now, schema=schema, scopes=scopes)
        self.shop = self.simulator.shop
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.simulator.app))
        connection = Connection("c1", "shopify", SHOPIFY.options({}), SHOPIFY.address(HOME))
        credentials = dict(self.simulator.credentials)
        secret = credentials["client_secret"]
        self.loop = Loop(SHOPIFY, self.client, credentials, connection, secret=secret)
        self.down, self.pushed = False, 0

    @property
    def texts(self) -> list[str]:
        return [order.request.text for order in self.loop.spoken]

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        return 503 if self.down else await self.loop.receive(url, headers, body)

    async def settle(self) -> None:
        """Send what waits and push what is spoken, until nothing happens any more."""
        for _ in range(10):
            sent = await self.shop.send_waiting()
            new = self.loop.spoken[self.pushed :]
            self.pushed += len(new)
            for order in new:
                await self.loop.push(order)
            if not sent and not new:
                return
        pytest.fail("The shop and the hub keep each other busy for ever.")

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def renew(self) -> None:
        """A fresh token, as the hub takes one each hour."""
        fresh = self.simulator.grants.mint(self.simulator.scopes)
        self.loop.credentials = {"access_token": fresh["access_token"]}

    async def page(self, path: str) -> str:
        return (await self.client.get(HOME + path)).text
