"""WooCommerce's own clients, in Python and JavaScript, work against the simulated shop for all we ask."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from woocommerce import API

from connectors.woocommerce.simulator import Simulator
from tests.npm import installed
from tests.webhooks.certificates import Authority

HOST = "localhost"


@dataclass
class Served:
    """The simulated shop behind TLS; `posted` are the bodies it sent to its webhooks."""

    simulator: Simulator
    url: str
    bundle: Path
    posted: list[bytes]

    async def ask_in_javascript(self, folder: Path, calls: list[dict[str, Any]]) -> list[Any]:
        """Status, body and X-WP-Total of each call; `credentials` change who asks and how."""
        own = self.simulator.credentials
        given = [{**call, "credentials": {**own, **call.get("credentials", {})}} for call in calls]
        node = await asyncio.create_subprocess_exec(
            *("node", "calls.mjs"),
            cwd=folder,
            env={**os.environ, "NODE_EXTRA_CA_CERTS": str(self.bundle)},
            stdin=-1,
            stdout=-1,
            stderr=-1,
        )
        out, errors = await node.communicate(json.dumps({"url": self.url, "calls": given}).encode())
        assert node.returncode == 0, errors.decode()
        answers: list[Any] = json.loads(out)
        return answers

    async def ask(self, method: str, path: str, *data: Any, **options: Any) -> tuple[int, Any]:
        credentials = {**self.simulator.credentials, **options.pop("credentials", {})}
        client = API(self.url, **credentials, verify_ssl=str(self.bundle), timeout=30, **options)
        answer = await asyncio.to_thread(getattr(client, method), path, *data)
        return answer.status_code, answer.json()


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    authority = Authority(tmp_path)
    authority.server(HOST)
    bundle = tmp_path / "authority.pem"
    bundle.write_text(
        "".join(map(ssl.DER_cert_to_PEM_cert, authority.client().get_ca_certs(binary_form=True)))
    )
    posted: list[bytes] = []

    async def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
        posted.append(body)
        return 200

    listener = socket.create_server(("127.0.0.1", 0))
    url = f"https://{HOST}:{listener.getsockname()[1]}"
    simulator = Simulator(url, post=post)
    config = uvicorn.Config(
        simulator.app, ssl_certfile=str(tmp_path / f"{HOST}.pem"), lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield Served(simulator, url, bundle, posted)
    server.should_exit = True
    await task
    listener.close()


@pytest.mark.parametrize("in_query", [False, True])
async def test_products_are_read_and_their_meta_written(served: Served, in_query: bool) -> None:
    product = served.simulator.shop.create({"name": "Mug", "meta_data": [{"key": "other", "value": "kept"}]})
    path = f"products/{product['id']}"
    meta = {"meta_data": [{"key": "_sayhook_audio_url", "value": "https://hub.example/a.mp3"}]}
    assert (await served.ask("put", path, meta, query_string_auth=in_query))[0] == 200
    status, shown = await served.ask("get", path, query_string_auth=in_query)
    assert status == 200
    assert {row["key"]: row["value"] for row in shown["meta_data"]} == {
        "other": "kept",
        "_sayhook_audio_url": "https://hub.example/a.mp3",
    }
    gone = {"meta_data": [{"key": "_sayhook_audio_url", "value": None}]}
    assert [row["key"] for row in (await served.ask("put", path, gone))[1]["meta_data"]] == ["other"]


async def test_webhooks_are_made_listed_and_taken_away(served: Served) -> None:
    hook = {"topic": "product.updated", "delivery_url": "https://hub.example/hooks/1", "secret": "abc"}
    status, made = await served.ask("post", "webhooks", hook)
    assert status == 201
    assert served.posted == [f"webhook_id={made['id']}".encode()]
    assert "secret" not in made
    assert (await served.ask("get", "webhooks"))[1] == [made]
    path = f"webhooks/{made['id']}"
    assert (await served.ask("put", path, {"status": "paused"}))[1]["status"] == "paused"
    assert (await served.ask("delete", path))[1]["code"] == "woocommerce_rest_trash_not_supported"
    assert (await served.ask("delete", f"{path}?force=true"))[0] == 200
    assert (await served.ask("get", path))[0] == 404


async def test_refusals_have_the_shop_s_own_codes(served: Served) -> None:
    wrong = {"consumer_secret": f"cs_{'0' * 40}"}
    unknown = {"consumer_key": f"ck_{'0' * 40}"}
    asked = [
        (await served.ask("get", "products", credentials=wrong)),
        (await served.ask("get", "products", credentials=unknown)),
        (await served.ask("get", "products/5")),
        (await served.ask("put", "products/5", {})),
        (await served.ask("post", "webhooks", {"topic": "moon.rose", "delivery_url": "https://a.example"})),
        (await served.ask("get", "products?per_page=101")),
        (await served.ask("get", "nothing")),
    ]
    assert [(status, body["code"]) for status, body in asked] == [
        (401, "woocommerce_rest_authentication_error"),
        (401, "woocommerce_rest_cannot_view"),
        (404, "woocommerce_rest_product_invalid_id"),
        (400, "woocommerce_rest_product_invalid_id"),
        (400, "woocommerce_rest_shop_webhook_invalid_topic"),
        (400, "rest_invalid_param"),
        (404, "rest_no_route"),
    ]


@pytest.fixture(scope="module")
def javascript(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the official JavaScript client, installed from the package registry."""
    return installed(Path(__file__).parent / "official", tmp_path_factory.mktemp("woocommerce") / "client")


async def test_the_javascript_client_lives_a_connection_s_life(served: Served, javascript: Path) -> None:
    number = served.simulator.shop.create({"name": "Mug"})["id"]
    meta = {"meta_data": [{"key": "_sayhook_audio_url", "value": "https://hub.example/a.mp3"}]}
    hook = {"topic": "product.updated", "delivery_url": "https://hub.example/hooks/1", "secret": "abc"}
    pages = {"status": "publish", "orderby": "modified", "order": "desc", "per_page": 50, "page": 1}
    in_query = {"in_query": True}
    first = await served.ask_in_javascript(
        javascript,
        [
            {"method": "get", "path": "products", "query": {"per_page": 1, "_fields": "id"}},
            {"method": "get", "path": "products", "query": pages, "credentials": in_query},
            {"method": "put", "path": f"products/{number}", "data": meta},
            {"method": "get", "path": f"products/{number}", "query": {"_fields": "id,meta_data"}},
            {"method": "post", "path": "webhooks", "data": hook},
            {"method": "get", "path": "webhooks", "query": {"per_page": 100}},
            {"method": "get", "path": "products/5"},
            {"method": "get", "path": "products", "credentials": {"consumer_secret": f"cs_{'0' * 40}"}},
        ],
    )
    assert [status for status, _, _ in first] == [200, 200, 200, 200, 201, 200, 404, 401]
    assert first[0][1] == [{"id": number}]
    assert first[1][2] == "1"
    assert first[3][1]["meta_data"][0]["value"] == "https://hub.example/a.mp3"
    made = first[4][1]
    assert first[5][1] == [made]
    assert [body["code"] for _, body, _ in first[6:]] == [
        "woocommerce_rest_product_invalid_id",
        "woocommerce_rest_authentication_error",
    ]
    path = f"webhooks/{made['id']}"
    second = await served.ask_in_javascript(
        javascript,
        [
            {"method": "put", "path": path, "data": {"secret": "def"}},
            {"method": "delete", "path": path},
            {"method": "delete", "path": path, "query": {"force": True}},
            {"method": "get", "path": path},
        ],
    )
    assert [status for status, _, _ in second] == [200, 501, 200, 404]
    assert served.posted == [f"webhook_id={made['id']}".encode()]
