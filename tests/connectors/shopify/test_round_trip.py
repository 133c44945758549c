"""Our connector against the simulated shop: registered, heard, written back, and no echo spoken twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from random import Random
from typing import Any

import pytest
from graphql import GraphQLSchema

from connectors.errors import ConnectionBroken, PushRefused, TargetGone, TryAgain
from connectors.reception import decide
from connectors.shopify import backfill
from connectors.shopify.shop import RETRY_SECONDS, Subscription
from connectors.values import Batch, Ended, Hook, InboundEvent, SpeechOrder
from tests.connectors.shopify.shops import HOME, SHOPIFY, START, Pair

pytestmark = pytest.mark.xdist_group("shopify")  # one installation of the libraries for all

UNCHANGED = "What would be heard has not changed since it was last spoken."


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    made = Pair()
    async with made.client:
        await made.loop.connect()
        yield made


async def test_connecting_registers_each_topic_once(pair: Pair) -> None:
    first = dict(pair.shop.subscriptions)
    await pair.loop.connect()
    assert pair.shop.subscriptions == first
    topics = sorted(one.event for one in first.values())
    assert topics == ["app/uninstalled", "products/create", "products/update"]
    assert pair.loop.connection.state == {
        "external_id": "enamel-and-co.myshopify.com",
        "shop": "Enamel & Co",
        "storefront": HOME,
    }
    await pair.loop.disconnect()
    assert pair.shop.subscriptions == {}
    await pair.loop.disconnect()


async def test_a_hub_that_moved_leaves_no_second_webhook(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no moment without one."""
    subscribe, there = pair.shop.subscribe, []

    def counted(*args: Any) -> Subscription:
        there.append(len(pair.shop.subscriptions))
        return subscribe(*args)

    monkeypatch.setattr(pair.shop, "subscribe", counted)
    moved = Hook("https://new.example/hooks/shopify", "")
    assert SHOPIFY.connect is not None
    await pair.loop.run(SHOPIFY.connect(pair.loop.connection, moved))
    assert {one.uri for one in pair.shop.subscriptions.values()} == {moved.url}
    assert len(pair.shop.subscriptions) == 3
    assert there == [3, 4, 5]


async def test_an_address_shopify_does_not_call_is_told(pair: Pair) -> None:
    assert SHOPIFY.connect is not None
    with pytest.raises(PushRefused, match="did not let us register a webhook: Address is invalid"):
        await pair.loop.run(SHOPIFY.connect(pair.loop.connection, Hook("http://hub.local/hooks/shopify", "")))


@pytest.mark.parametrize("whole", [False, True], ids=["our part of the schema", "the whole schema"])
@pytest.mark.parametrize("newer", [False, True], ids=["X-Shopify headers", "Shopify headers"])
async def test_a_product_gets_its_voice(whole: bool, newer: bool, admin_schema: GraphQLSchema) -> None:
    pair = Pair(admin_schema if whole else None)
    pair.shop.newer_headers = newer
    async with pair.client:
        await pair.loop.connect()
        path = await pair.simulator.act()
        assert "<audio" not in await pair.page(path)
        await pair.settle()
        assert pair.texts == ["Enamel mug. A mug for the camp fire. It holds 350 ml."]
        assert pair.loop.ignored == [UNCHANGED]
        assert 'src="https://hub.example/a/product-' in await pair.page(path)
        page: Batch = await pair.loop.run(backfill(pair.loop.connection, None))
        assert page.total == len(page.found) == 1


async def test_each_text_is_spoken_once_however_often_it_is_announced(pair: Pair) -> None:
    """Twenty products, each edited five times at random, each edit announced three times and echoed."""
    random = Random(5)
    pair.shop.repeat = 3
    numbers = [pair.shop.create({"title": f"Mug {n}", "body_html": "First."}).id for n in range(20)]
    await pair.settle()
    edits = [number for number in numbers for _ in range(5)]
    random.shuffle(edits)
    for edit, number in enumerate(edits):
        pair.later(seconds=5)
        pair.shop.save(number, {"body_html": f"<p>Edit {edit}.</p>"})
        pair.shop.save(number, {"variants": [{"price": str(edit)}]})
        await pair.settle()
    assert len(pair.texts) == len(set(pair.texts)) == 20 + 100
    assert pair.simulator.api.writes == 20 + 100


async def test_the_same_delivery_fifty_times_is_one_order_and_one_write(pair: Pair) -> None:
    pair.shop.repeat = 50
    await pair.simulator.act()
    await pair.settle()
    assert len(pair.texts) == pair.simulator.api.writes == 1


async def test_an_older_job_that_ends_late_overwrites_nothing_it_has_not_seen(pair: Pair) -> None:
    """Between our reading and our writing somebody else writes: we read again before we write."""
    await pair.simulator.act()
    await pair.shop.send_waiting()
    order = pair.loop.spoken[0]
    send, rival = pair.loop._send, iter([True])

    async def overtaken(request):  # type: ignore[no-untyped-def]  # a shim over the loop's own sender
        if "mutation" in request.json["query"] and next(rival, False):
            product = next(iter(pair.shop.products.values()))
            place = {"namespace": "app--4028497", "key": "voiceover_url", "type": "url"}
            pair.shop.write_metafields(product, [{**place, "value": "https://other.example/a.mp3"}])
        return await send(request)

    pair.loop._send = overtaken  # type: ignore[method-assign]  # the rival writes inside the request
    await pair.loop.push(order)
    written = next(iter(pair.shop.products.values())).metafields["app--4028497", "voiceover_url"]
    assert written["value"].startswith("https://hub.example/a/product-")


async def test_drafts_are_silent_until_they_are_for_sale(pair: Pair) -> None:
    number = pair.shop.create({"title": "Secret", "status": "draft"}).id
    await pair.settle()
    assert pair.loop.ignored == ["The product is not for sale; its status is draft."]
    pair.shop.save(number, {"status": "active"})
    await pair.settle()
    assert pair.texts == ["Secret."]


async def test_an_empty_bucket_says_when_to_come_back(pair: Pair) -> None:
    await pair.simulator.act()
    await pair.shop.send_waiting()
    bucket = pair.simulator.api.bucket
    bucket.left, bucket.restore = 0, 1
    with pytest.raises(TryAgain, match="slow down") as caught:
        await pair.loop.push(pair.loop.spoken[0])
    assert caught.value.retry_after is not None
    pair.later(seconds=int(caught.value.retry_after) - 1)
    with pytest.raises(TryAgain):
        await pair.loop.push(pair.loop.spoken[0])
    bucket.restore = 100
    pair.later(seconds=1)
    await pair.loop.push(pair.loop.spoken[0])
    assert pair.simulator.api.writes == 1


async def test_a_dead_token_breaks_the_connection_and_a_renewed_one_mends_it(pair: Pair) -> None:
    await pair.simulator.act()
    await pair.shop.send_waiting()
    pair.later(hours=1)
    with pytest.raises(ConnectionBroken, match="no longer takes the token"):
        await pair.loop.push(pair.loop.spoken[0])
    pair.renew()
    await pair.loop.push(pair.loop.spoken[0])
    assert pair.simulator.api.writes == 1


async def test_what_the_app_may_not_do_is_told() -> None:
    pair = Pair(scopes=frozenset({"read_products"}))
    async with pair.client:
        with pytest.raises(ConnectionBroken, match="may not change products"):
            await pair.loop.connect()
        number = pair.shop.create({"title": "Mug"}).id
        event = InboundEvent(
            "shopify", "c1", "products/create", "d", {}, {"id": number, "title": "Mug"}, START
        )
        order = decide(SHOPIFY, event, pair.loop.connection)
        assert isinstance(order, SpeechOrder)
        with pytest.raises(ConnectionBroken, match="may not do this"):
            await pair.loop.push(order)


async def test_a_product_that_went_away_meanwhile_is_told(pair: Pair) -> None:
    await pair.simulator.act()
    await pair.shop.send_waiting()
    pair.shop.products.clear()
    with pytest.raises(TargetGone, match="no longer in the shop"):
        await pair.loop.push(pair.loop.spoken[0])


async def test_a_hub_that_is_down_too_long_loses_the_webhook_and_reconnecting_mends_it(pair: Pair) -> None:
    pair.down = True
    await pair.simulator.act()
    for wait in (0, *RETRY_SECONDS):
        assert len(pair.shop.subscriptions) == 3
        pair.later(seconds=wait)
        assert await pair.shop.send_waiting() == 1
    assert len(pair.shop.subscriptions) == 2
    pair.down = False
    pair.renew()
    await pair.loop.connect()
    assert len(pair.shop.subscriptions) == 3


async def test_a_delivery_that_was_missed_comes_again(pair: Pair) -> None:
    pair.down = True
    await pair.simulator.act()
    await pair.shop.send_waiting()
    pair.down = False
    await pair.settle()
    assert pair.texts == []
    pair.later(seconds=RETRY_SECONDS[0])
    await pair.settle()
    assert len(pair.texts) == 1


async def test_a_shop_with_another_secret_is_refused(pair: Pair) -> None:
    pair.shop.secret = "another"
    await pair.simulator.act()
    await pair.shop.send_waiting()
    assert pair.loop.answers == [401]
    assert pair.texts == []


async def test_the_end_of_a_connection_is_heard_in_its_order(pair: Pair) -> None:
    pair.simulator.uninstall()
    await pair.shop.send_waiting()
    assert pair.loop.ended == [Ended("The shop took the app off. Install it again to go on.", at=START)]
    with pytest.raises(ConnectionBroken):
        await pair.loop.connect()
    await pair.loop.disconnect()
    pair.later(hours=48)
    pair.shop.comply("shop/redact")
    pair.shop.comply("customers/data_request", customer={"email": "john@example.com"}, orders_requested=[])
    pair.shop.comply("customers/redact", customer={"email": "john@example.com"}, orders_to_redact=[])
    await pair.shop.send_waiting()
    assert pair.loop.ended[1].erase
    assert pair.loop.ended[1].at == pair.now
    reasons = {reason.split(",")[0] for reason in pair.loop.ignored}
    assert reasons == {"Nothing of a shop's customers is kept here"}
    assert pair.loop.answers == [200] * 4


async def test_a_catalogue_is_found_page_by_page_and_goes_on_where_it_was(pair: Pair) -> None:
    made = [pair.shop.create({"title": f"Mug {n}", "tags": "camping, enamel"}).id for n in range(120)]
    pair.shop.save(made[7], {"status": "draft"})
    pages: list[Batch] = []
    after: str | None = None
    for _ in range(3):
        page: Batch = await pair.loop.run(backfill(pair.loop.connection, after))
        pages.append(page)
        after = page.after
    assert after is None
    assert [len(page.found) for page in pages] == [50, 50, 20]
    assert {page.total for page in pages} == {120}
    found = [one for page in pages for one in page.found]
    assert len({one.delivery_id for one in found}) == 120
    assert {one.changed_at for one in found} == {START}
    pair.later(minutes=30)
    pair.shop.save(made[9], {"variants": []})
    again: Batch = await pair.loop.run(backfill(pair.loop.connection, pages[0].after))
    assert again == pages[1]
    changed: Batch = await pair.loop.run(backfill(pair.loop.connection, None))
    assert changed.found[9].changed_at == pair.now
    assert changed.found[9].delivery_id == pages[0].found[9].delivery_id


async def test_what_is_found_sounds_as_its_webhook_does(pair: Pair) -> None:
    pair.loop.connection.options["text"] = "{{ vendor }} {{ title }} {{ tags }} {{ description }}"  # type: ignore[index]  # a test's own
    given = {"title": "Mug", "tags": "camping, enamel", "body_html": "<p>One.</p>"}
    pair.shop.create(given)
    await pair.shop.send_waiting()
    page: Batch = await pair.loop.run(backfill(pair.loop.connection, None))
    one = page.found[0]
    event = InboundEvent("shopify", "c1", one.name, one.delivery_id, {}, one.payload, START)
    order = decide(SHOPIFY, event, pair.loop.connection)
    assert isinstance(order, SpeechOrder)
    assert order.spoken_hash == pair.loop.spoken[0].spoken_hash
    assert order.target == pair.loop.spoken[0].target
    assert order.target is not None
    assert order.target.as_of == START


async def test_a_moment_that_cannot_be_read_is_none() -> None:
    pair = Pair()
    async with pair.client:
        await pair.loop.connect()
        payload = {"myshopify_domain": "enamel-and-co.myshopify.com"}
        for written in ("", "yesterday", "2026-11-22T16:00:00"):
            headers = {"x-shopify-triggered-at": written}
            event = InboundEvent("shopify", "c1", "app/uninstalled", "d", headers, payload, START)
            ended = decide(SHOPIFY, event, pair.loop.connection)
            assert isinstance(ended, Ended)
            assert ended.at is None
