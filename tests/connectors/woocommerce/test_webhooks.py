"""Webhooks that a shop does not let go of are told of, not passed over."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.errors import ConnectionBroken, TryAgain
from connectors.values import Connection, Hook
from connectors.woocommerce import connect, disconnect
from tests.connectors.fixtures import play

API = "https://shop.example/wp-json/wc/v3"
HOOK = Hook("https://hub.example/hooks/woocommerce/c1", "s")
CONNECTION = Connection("c1", "woocommerce", {}, "https://shop.example", state={"webhooks": [1, 2]})


def step(method: str, path: str, status: int, json: Any = None) -> dict[str, Any]:
    return {
        "request": {"method": method, "url": f"{API}/{path}"},
        "response": {"status": status, "json": json},
    }


def test_all_are_tried_and_a_failure_is_told() -> None:
    gone = {"code": "woocommerce_rest_shop_webhook_invalid_id"}
    first, second = "webhooks/1?force=true", "webhooks/2?force=true"
    play(disconnect(CONNECTION), [step("DELETE", first, 404, gone), step("DELETE", second, 200, {"id": 2})])
    with pytest.raises(TryAgain):
        play(disconnect(CONNECTION), [step("DELETE", first, 500), step("DELETE", second, 200, {"id": 2})])


def test_a_disabled_one_that_stays_is_not_doubled() -> None:
    disabled = {"id": 7, "delivery_url": HOOK.url, "topic": "product.updated", "status": "disabled"}
    steps = [
        step("GET", "products?per_page=1&_fields=id", 200, []),
        step("GET", "webhooks?per_page=100&_fields=id,delivery_url,topic,status", 200, [disabled]),
        step("DELETE", "webhooks/7?force=true", 403, {"code": "woocommerce_rest_cannot_delete"}),
    ]
    with pytest.raises(ConnectionBroken, match="may not remove its webhooks"):
        play(connect(CONNECTION, HOOK), steps)
