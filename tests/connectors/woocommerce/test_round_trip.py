"""Our connector against the simulated shop: registered, heard, written back, and no echo spoken twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from random import Random

import httpx
import pytest

from connectors.discovery import discover
from connectors.errors import ConnectionBroken, TargetGone, TryAgain
from connectors.values import Connection
from connectors.woocommerce import PAGE
from connectors.woocommerce.simulator import Simulator
from tests.connectors.loop import Loop

WOO = discover()["woocommerce"]
SHOP = "https://shop.example"


class Pair:
    """One shop and one hub that know each other."""

    def __init__(self) -> None:
        self.simulator = Simulator(SHOP, post=self._post, now=lambda: datetime(2026, 11, 22, tzinfo=UTC))
        self.shop = self.simulator.shop
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.simulator.app))
        connection = Connection("c1", "woocommerce", WOO.options({}), WOO.address("shop.example/"))
        self.loop = Loop(WOO, self.client, self.simulator.credentials, connection)
        self.down, self.pushed = False, 0

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        return 503 if self.down else await self.loop.receive(url, headers, body)

    async def settle(self) -> None:
        """Send what waits and push what is spoken, until nothing happens any more."""
        for _ in range(10):
            sent = await self.shop.send_waiting()
            for order in self.loop.spoken[self.pushed :]:
                await self.loop.push(order)
            if not sent and self.pushed == len(self.loop.spoken):
                return
            self.pushed = len(self.loop.spoken)
        pytest.fail("The shop and the hub keep each other busy for ever.")

    async def page(self, path: str) -> str:
        return (await self.client.get(SHOP + path)).text


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    made = Pair()
    async with made.client:
        await made.loop.connect()
        yield made


async def test_connecting_registers_each_topic_once_and_answers_its_ping(pair: Pair) -> None:
    await pair.loop.connect()
    hooks = list(pair.shop.webhooks.values())
    assert [hook.topic for hook in hooks] == ["product.created", "product.updated", "product.restored"]
    assert all(hook.ping_answered for hook in hooks)
    await pair.loop.disconnect()
    assert pair.shop.webhooks == {}
    await pair.loop.disconnect()


async def test_a_product_gets_its_voice(pair: Pair) -> None:
    path = await pair.simulator.act()
    assert "<audio" not in await pair.page(path)
    await pair.settle()
    assert [order.request.text for order in pair.loop.spoken] == [
        "Enamel mug. A mug for the camp fire. It holds 350 ml."
    ]
    assert '<audio controls preload="none" src="https://hub.example/a/product-' in await pair.page(path)


@pytest.mark.parametrize("plugin", [False, True])
async def test_our_own_write_is_not_spoken_again(pair: Pair, plugin: bool) -> None:
    pair.shop.plugin = plugin
    await pair.simulator.act()
    await pair.settle()
    assert len(pair.loop.spoken) == 1
    echoes = [] if plugin else ["What would be heard has not changed since it was last spoken."]
    assert pair.loop.ignored == echoes


async def test_each_text_is_spoken_once_however_often_it_is_announced(pair: Pair) -> None:
    random = Random(5)
    pair.shop.repeat = 3
    numbers = [pair.shop.create({"name": f"Mug {n}", "description": "First."})["id"] for n in range(20)]
    await pair.settle()
    edits = [number for number in numbers for _ in range(5)]
    random.shuffle(edits)
    for edit, number in enumerate(edits):
        pair.shop.save(number, {"description": f"Edit {edit}."})
        pair.shop.save(number, {"price": str(edit)})
        await pair.settle()
    texts = [order.request.text for order in pair.loop.spoken]
    assert len(texts) == len(set(texts)) == 20 + 100


async def test_drafts_and_the_bin_are_silent(pair: Pair) -> None:
    number = pair.shop.create({"name": "Secret", "status": "draft"})["id"]
    await pair.settle()
    pair.shop.save(number, {"status": "publish"})
    await pair.settle()
    pair.shop.bin(number)
    await pair.settle()
    assert [order.request.text for order in pair.loop.spoken] == ["Secret."]
    assert pair.loop.ignored[0] == "The product is not published; its status is draft."


async def test_seven_failures_in_a_row_disable_a_webhook_and_reconnecting_mends_it(pair: Pair) -> None:
    pair.down = True
    for seen in range(7):
        states = {hook.status for hook in pair.shop.webhooks.values()}
        assert states == {"active"}, f"disabled after {seen}"
        pair.shop.create({"name": "Unheard"})
        await pair.shop.send_waiting()
    assert [hook.status for hook in pair.shop.webhooks.values()] == ["disabled", "active", "active"]
    pair.down = False
    await pair.loop.connect()
    assert {hook.status for hook in pair.shop.webhooks.values()} == {"active"}
    assert len(pair.shop.webhooks) == 3


async def test_a_sweep_keeps_what_works_and_reads_what_was_missed_newest_first(pair: Pair) -> None:
    kept = list(pair.shop.webhooks)
    pair.shop.waiting.clear()
    numbers = [pair.shop.create({"name": f"Mug {number}"})["id"] for number in range(PAGE + 1)]
    pair.shop.create({"name": "Draft", "status": "draft"})
    pair.shop.waiting.clear()
    pair.loop.secret = "f00d" * 12
    assert await pair.loop.sweep() == PAGE + 1
    assert list(pair.shop.webhooks) == kept
    assert {hook.secret for hook in pair.shop.webhooks.values()} == {pair.loop.secret}
    keys = [order.target.key for order in pair.loop.spoken if order.target]
    assert keys == [f"product:{number}" for number in reversed(numbers)]
    first = (await pair.loop.set_up(WOO.backfill(pair.loop.connection, None))) if WOO.backfill else None
    assert first is not None
    assert (first.total, first.after, first.newest_first) == (PAGE + 1, "2", True)


async def test_a_shop_with_another_secret_is_refused(pair: Pair) -> None:
    for hook in pair.shop.webhooks.values():
        hook.secret = "another"
    await pair.simulator.act()
    await pair.shop.send_waiting()
    assert pair.loop.answers[-1] == 401
    assert pair.loop.spoken == []


async def test_what_is_wrong_with_the_keys_is_told(pair: Pair) -> None:
    wrong = {**pair.simulator.credentials, "consumer_secret": f"cs_{'0' * 40}"}
    pair.loop.credentials = wrong
    with pytest.raises(ConnectionBroken, match="did not let us read its products: it answered 401"):
        await pair.loop.connect()
    pair.loop.credentials = pair.simulator.credentials
    pair.shop.may_view = False
    with pytest.raises(ConnectionBroken, match="give it Read/Write, and its user shop-manager rights"):
        await pair.loop.connect()


async def test_a_product_that_went_away_meanwhile_is_told(pair: Pair) -> None:
    await pair.simulator.act()
    await pair.shop.send_waiting()
    pair.shop.products.clear()
    with pytest.raises(TargetGone, match="no longer in the shop"):
        await pair.loop.push(pair.loop.spoken[0])


async def test_a_shop_that_prints_into_its_answers_is_tried_again(pair: Pair) -> None:
    def noisy(request: httpx.Request) -> httpx.Response:
        return httpx.Response(201, text='<b>Notice</b>: Undefined index {"id": 5}')

    async with httpx.AsyncClient(transport=httpx.MockTransport(noisy)) as client:
        pair.loop.platform = client
        with pytest.raises(TryAgain, match="something else prints into it"):
            await pair.loop.connect()


@pytest.mark.parametrize(
    ("headers", "body", "greeted"),
    [
        ({"content-type": "application/x-www-form-urlencoded"}, b"webhook_id=31", True),
        ({"X-WC-Webhook-Signature": "abc"}, b"webhook_id=31", False),
        ({}, b"webhook_id=31&more=1", False),
        ({}, b'{"id":1}', False),
        ({}, b"", False),
    ],
)
def test_only_a_ping_is_greeted(headers: dict[str, str], body: bytes, greeted: bool) -> None:
    assert WOO.greet is not None
    answer = WOO.greet(headers, body)
    assert (answer is not None and answer.status == 200) is greeted
