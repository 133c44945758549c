"""Shopify's own library installs an app in the simulated shop and works with it, for all we rely on."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from shopify_app import ShopifyApp

from connectors.shopify.documents import DOCUMENTS
from connectors.shopify.simulator import Simulator
from tests.connectors.shopify.shops import HOME

pytestmark = pytest.mark.xdist_group("shopify")  # one installation of the libraries for all

SHOP = HOME.removeprefix("https://")
Posted = tuple[Mapping[str, str], bytes]


@pytest.fixture
async def served() -> AsyncIterator[tuple[Simulator, str, list[Posted]]]:
    posted: list[Posted] = []

    async def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
        posted.append((headers, body))
        return 200

    listener = socket.create_server(("127.0.0.1", 0))
    simulator = Simulator(HOME, post=post)
    server = uvicorn.Server(uvicorn.Config(simulator.app, lifespan="off", log_config=None))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield simulator, f"http://127.0.0.1:{listener.getsockname()[1]}", posted
    server.should_exit = True
    await task
    listener.close()


@pytest.mark.timeout(300)
async def test_shopify_s_library_meets_a_shop(
    served: tuple[Simulator, str, list[Posted]], official: Path
) -> None:
    simulator, home, posted = served
    shop = simulator.shop
    for newer in (False, True):
        shop.newer_headers = newer
        shop.subscribe("PRODUCTS_CREATE", "https://hub.test/hooks/shopify", ())
        made = shop.create({"title": "Café mug 👟"})
        await shop.send_waiting()
        shop.subscriptions.clear()
    asked = {
        "home": home,
        "shop": SHOP,
        "clientId": simulator.credentials["client_id"],
        "clientSecret": simulator.credentials["client_secret"],
        "documents": {document.split()[1].split("(")[0]: document for document in DOCUMENTS},
        "product": made.gid,
        "deliveries": [{"headers": dict(headers), "body": body.decode()} for headers, body in posted],
    }
    met = await _met(official, asked)
    named = [[True, "PRODUCTS_CREATE", SHOP]] * 2
    assert met == {
        "scope": "write_products",
        "expires": 60,
        "renewed": True,
        "shop": SHOP,
        "found": "Café mug 👟",
        "written": [],
        "stale": ["STALE_OBJECT"],
        "read": "https://hub.test/a.mp3",
        "added": [],
        "listed": "PRODUCTS_UPDATE",
        "removed": [],
        "stranger": 401,
        "wrong": "GraphqlQueryError",
        "grant": 400,
        "deliveries": named,
    }
    for headers, body in posted:
        app = ShopifyApp(client_id="key", client_secret=simulator.credentials["client_secret"])
        given = {"method": "POST", "headers": dict(headers), "url": "https://hub.test", "body": body.decode()}
        assert app.verify_webhook_req(given).ok  # type: ignore[arg-type]  # a plain dict of the same keys


async def _met(official: Path, asked: Mapping[str, Any]) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        "node", "client.mjs", json.dumps(asked), cwd=official, stdout=-1, stderr=-1
    )
    shown, wrong = await process.communicate()
    assert process.returncode == 0, wrong.decode()
    met: dict[str, Any] = json.loads(shown)
    return met
