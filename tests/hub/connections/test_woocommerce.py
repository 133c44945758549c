"""A shop that gives up: what it announced to nobody is found within the hour, and its webhook works again."""

from __future__ import annotations

from hub.connections import sweeping
from tests.hub.connections.conftest import ShopHere, Workshop

HOUR = 60 * 60


async def test_what_a_shop_said_to_nobody_is_spoken_within_the_hour(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    shop.shop.now = workshop.clock
    workshop.clock.advance(2)
    heard, shop.shop.post = shop.shop.post, _nobody
    shop.shop.create({"name": "Draft", "status": "draft"})
    missed = [shop.shop.create({"name": f"Missed {number}"})["id"] for number in range(8)]
    await shop.shop.send_waiting()
    topics = {hook.topic: hook.status for hook in shop.shop.webhooks.values()}
    assert topics["product.created"] == "disabled"
    shop.shop.post = heard

    workshop.clock.advance(HOUR + 1)
    await sweeping.sweep(workshop.hub)
    await workshop.settle()
    assert sorted(await workshop.spoken()) == [f"Missed {number}." for number in range(8)]
    assert all(shop.audio_of(product) for product in missed)
    assert {hook.topic: hook.status for hook in shop.shop.webhooks.values()} == dict.fromkeys(
        topics, "active"
    )

    await shop.shop.send_waiting()
    await workshop.settle()
    for _ in range(2):
        workshop.clock.advance(HOUR + 1)
        await sweeping.sweep(workshop.hub)
        await workshop.settle()
    assert len(await workshop.spoken()) == 8
    assert len(shop.shop.webhooks) == 3


async def _nobody(url: str, headers: object, body: bytes) -> int:
    return 0
