"""Whatever Shopify or something before it answers, a flow ends, or raises one of our own errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from connectors.errors import ConnectorError
from connectors.flow import MOST_REQUESTS, Flow, Response
from connectors.shopify import backfill, connect, disconnect, push
from connectors.values import Connection, Hook, SpeechResult, Target
from tests.connectors.shopify.shops import HOME, SHOPIFY

CONNECTION = Connection("c1", "shopify", SHOPIFY.options({}), HOME)
TARGET = Target("product:1", {"id": "1"})
RESULT = SpeechResult("g1", "https://hub.test/a.mp3", "hash", 1.0, "audio/mpeg", "en")
ROUNDS = 400
NAMES = [
    "data",
    "errors",
    "extensions",
    "code",
    "cost",
    "throttleStatus",
    "restoreRate",
    "requestedQueryCost",
    "shop",
    "myshopifyDomain",
    "currentAppInstallation",
    "accessScopes",
    "handle",
    "webhookSubscriptions",
    "nodes",
    "topic",
    "includeFields",
    "product",
    "products",
    "pageInfo",
    "hasNextPage",
    "endCursor",
    "productsCount",
    "metafieldsSet",
    "userErrors",
    "field",
    "webhookSubscriptionCreate",
    "url",
    "hash",
    "value",
    "compareDigest",
    "id",
    "title",
    "tags",
]
VALUES: tuple[Any, ...] = (
    None, True, 0, -1.5, 1e308, "", "THROTTLED", "ACCESS_DENIED", "write_products", "PRODUCTS_CREATE",
    "gid://shopify/Product/1", "STALE_OBJECT", "ownerId", [], {},
)  # fmt: skip


@pytest.mark.parametrize(
    ("start", "ends"),
    [
        (lambda: connect(CONNECTION, Hook("https://hub.test", "")), {"try_again", "connection_broken"}),
        (lambda: disconnect(CONNECTION), {"done", "try_again"}),
        (lambda: backfill(CONNECTION, None), {"done", "try_again"}),
        (lambda: push(CONNECTION, TARGET, RESULT), {"try_again", "target_gone", "push_refused"}),
    ],
    ids=["connect", "disconnect", "backfill", "push"],
)
def test_no_answer_breaks_a_flow(start: Callable[[], Flow[Any]], ends: set[str]) -> None:
    random = Random("answers")
    assert ends <= {_end(start(), random) for _ in range(ROUNDS)}


def _end(flow: Flow[Any], random: Random) -> str:
    try:
        next(flow)
        for _ in range(MOST_REQUESTS):
            flow.send(Response(200, {}, json.dumps(_odd(random, 0)).encode()))
    except StopIteration:
        return "done"
    except ConnectorError as error:
        return error.code
    return "endless"


def _odd(random: Random, depth: int) -> Any:
    """JSON of Shopify's names with anything under them, and `data` mostly at the top."""
    if depth > 5 or random.random() < 0.15 * depth:
        return random.choice(VALUES)
    if random.random() < 0.25 and depth:
        return [_odd(random, depth + 1) for _ in range(random.randrange(3))]
    names = random.sample(NAMES, random.randrange(1, 12))
    return {name: _odd(random, depth + 1) for name in (names if depth or random.random() < 0.2 else ["data"])}
