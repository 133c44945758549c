"""From a product that is published to the audio on its page, through the hub's own doors."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from random import Random
from typing import Any

import httpx
import pytest

from hub.store.connection_tables import ConnectionRecord, InboundEvent, Push, TargetRecord
from hub.store.tables import Generation, LedgerEntry
from tests.hub.connections.conftest import ShopHere, Workshop
from tests.hub.connections.editing import EDITS, PRODUCTS, at_random

MUG = {"name": "Enamel mug", "description": "<p>It holds 350 ml.</p>"}


async def test_a_product_gets_its_voice_and_keeps_its_address(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    product = shop.shop.create(MUG)["id"]
    await shop.shop.send_waiting()
    assert await workshop.waiting() == 1
    await workshop.settle()
    assert await workshop.spoken() == ["Enamel mug. It holds 350 ml."]
    url = shop.audio_of(product)
    assert url is not None
    heard = await workshop.client.get(url)
    assert heard.status_code == 200
    assert heard.headers["content-type"] == "audio/mpeg"
    part = await workshop.client.get(url, headers={"Range": "bytes=0-9"})
    assert (part.status_code, len(part.content)) == (206, 10)

    await shop.shop.send_waiting()
    await workshop.settle()
    journey, *_ = await workshop.events(connected)
    assert journey["verdict"] == "ignored"
    assert journey["sentence"].startswith("What would be heard has not changed")

    shop.shop.save(product, {"description": "It holds half a litre."})
    await shop.shop.send_waiting()
    await workshop.settle()
    assert shop.audio_of(product) == url
    newest = (await workshop.events(connected))[0]
    assert (newest["verdict"], newest["generation_status"]) == ("spoken", "completed")
    assert (newest["push"]["status"], newest["audio_url"]) == ("pushed", url)
    shown = await workshop.call("GET", f"/v1/connections/{connected}")
    assert shown["events"] == {"spoken": 2, "ignored": 1, "failed": 0, "pushed": 2}
    assert "ck_" not in str(shown)

    await workshop.call("DELETE", f"/v1/tts/generations/{newest['generation_id']}", 204)
    assert (await workshop.client.get(url)).status_code == 404


async def test_fifty_of_the_same_at_once_are_one_job_one_charge_one_push(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    sent: list[tuple[str, dict[str, str], bytes]] = []

    async def keep(url: str, headers: Any, body: bytes) -> int:
        sent.append((url, dict(headers), body))
        return 200

    shop.shop.post = keep
    shop.shop.create(MUG)
    await shop.shop.send_waiting()
    ((url, headers, body),) = sent
    async with httpx.AsyncClient() as platform:
        answers = await asyncio.gather(
            *(platform.post(url, headers=headers, content=body) for _ in range(50))
        )
    assert [answer.status_code for answer in answers] == [200] * 50
    await workshop.settle()
    assert await workshop.count(InboundEvent) == 1
    assert await workshop.count(Generation) == 1
    assert await workshop.count(LedgerEntry, LedgerEntry.kind == "settle") == 1
    assert [push.attempts for push in await workshop.pushes()] == [1]


async def test_twenty_products_edited_at_random_are_each_text_spoken_once(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    """Each save is announced twice, some change nothing that is read, and each write of ours is echoed."""
    shop.shop.repeat, chance = 2, Random(3)
    given = {"status": "draft"}
    products = [shop.shop.create({"name": f"Mug {n}", **given})["id"] for n in range(PRODUCTS)]
    expected: list[str] = []
    for batch in at_random(chance, products):
        for product in batch:
            edit = f"Edit {len(expected)}."
            saved = shop.shop.save(product, {"description": f"<p>{edit}</p>", "status": "publish"})
            expected.append(f"{saved['name']}. {edit}")
            shop.shop.save(chance.choice(products), {"price": str(len(expected))})
        while await shop.shop.send_waiting():
            await workshop.settle()
    assert sorted(await workshop.spoken()) == sorted(expected)
    assert len(expected) == await workshop.count(Push, Push.status == "pushed") == PRODUCTS * EDITS


async def test_a_long_text_goes_the_long_way_and_a_failed_job_may_be_spoken_again(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    product = shop.shop.create({"name": "Book", "description": "It was calm that morning. " * 40})["id"]
    await shop.shop.send_waiting()
    await workshop.settle()
    (event,) = await workshop.events(connected)
    status = await workshop.call("GET", f"/v1/tts/status/{event['generation_id']}")
    assert status["credits_used"] > 50
    assert shop.audio_of(product) is not None

    workshop.failing.add("Cup. Blue.")
    cup = shop.shop.create({"name": "Cup", "description": "Blue."})["id"]
    await shop.shop.send_waiting()
    await workshop.settle()
    assert shop.audio_of(cup) is None
    workshop.failing.clear()
    shop.shop.save(cup, {"price": "3"})
    await shop.shop.send_waiting()
    await workshop.settle()
    assert shop.audio_of(cup) is not None


@pytest.mark.parametrize("plugin", [True, False])
async def test_disconnecting_takes_hooks_and_players_back_and_forgets(
    workshop: Workshop, shop: ShopHere, connected: str, plugin: bool
) -> None:
    shop.shop.plugin = plugin
    assert len(shop.shop.webhooks) == 3
    assert all(hook.ping_answered for hook in shop.shop.webhooks.values())
    hook = next(iter(shop.shop.webhooks.values())).delivery_url
    product, binned, other = (shop.shop.create({**MUG, "name": name})["id"] for name in ("Mug", "Jug", "Cup"))
    await shop.shop.send_waiting()
    await workshop.settle()
    url = shop.audio_of(product) or ""
    shop.shop.products.pop(binned)
    shop.shop.write_quietly(other, "_sayhook_audio_url", "https://elsewhere.example/a.mp3")
    await workshop.call("DELETE", f"/v1/connections/{connected}", 204)
    assert shop.shop.webhooks == {}
    assert shop.audio_of(product) is None
    assert shop.audio_of(other) == "https://elsewhere.example/a.mp3"
    assert [await workshop.count(table) for table in (ConnectionRecord, InboundEvent, TargetRecord)] == [
        0,
        0,
        0,
    ]
    assert (await workshop.client.get(url)).status_code == 404
    assert (await workshop.client.post(hook, content=b"{}")).status_code == 404


async def test_an_older_text_that_comes_late_does_not_replace_a_newer_one(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    sent: list[tuple[str, dict[str, str], bytes]] = []

    async def keep(url: str, headers: Any, body: bytes) -> int:
        sent.append((url, dict(headers), body))
        return 200

    async def save(description: str, *, ahead: float) -> None:
        shop.shop.now = lambda: workshop.hub.now() + timedelta(seconds=ahead)
        shop.shop.save(number, {"description": description})
        await shop.shop.send_waiting()

    deliver, shop.shop.post = shop.shop.post, keep
    number = shop.shop.create({"name": "Mug"})["id"]
    await shop.shop.send_waiting()
    sent.clear()
    await save("Old.", ahead=0)
    await save("New.", ahead=5)
    for url, headers, body in reversed(sent):
        assert await deliver(url, headers, body) == 200
        await workshop.settle()
    assert await workshop.spoken() == ["Mug. New."]
    late = next(event for event in await workshop.events(connected) if event["verdict"] == "ignored")
    assert late["sentence"] == "It came late: a newer version was read already."
    await workshop.call("POST", f"/v1/connections/{connected}/events/{late['id']}/replay", 202)
    await workshop.settle()
    assert await workshop.spoken() == ["Mug. New."]

    # A shop whose clock was wrong for a moment is not silent until then.
    shop.shop.post = deliver
    await save("Tomorrow's.", ahead=86_400)
    await workshop.settle()
    await save("Today's.", ahead=10)
    await workshop.settle()
    assert await workshop.spoken() == ["Mug. New.", "Mug. Tomorrow's.", "Mug. Today's."]
