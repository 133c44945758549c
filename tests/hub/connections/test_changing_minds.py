"""Owners who go back to what was there before, and who edit while the text before is being spoken."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from connectors.shopify.documents import HASH_KEY
from hub import jobs
from hub.store.connection_tables import TargetRecord
from hub.store.tables import Generation
from tests.hub.connections.test_shopify import Trade, trade
from tests.hub.jobs.orders import speech

__all__ = ["trade"]


async def read(trade: Trade) -> None:
    """Everything but the speaking."""
    await trade.simulator.shop.send_waiting()
    while trade.workshop.queue.deliveries:
        await trade.workshop.errand(trade.workshop.queue.deliveries.pop(0))


async def heard(trade: Trade) -> tuple[str, str | None]:
    """The text that the product's lasting address plays, and its hash."""
    async with trade.workshop.hub.database.reading() as session:
        (target,) = await session.scalars(select(TargetRecord))
        generation = await session.get_one(Generation, target.audio_generation_id)
    return generation.text, target.audio_hash


async def test_a_text_that_comes_back_is_spoken_again_and_the_last_edit_is_heard(trade: Trade) -> None:
    workshop, shop = trade.workshop, trade.simulator.shop
    product = shop.create({"title": "Mug", "body_html": "A."}).id
    await trade.settle()
    for text in ("B.", "A."):
        shop.save(product, {"body_html": text})
        await trade.settle()
    expected = ["Mug. A.", "Mug. B.", "Mug. A."]
    assert await workshop.spoken() == expected
    assert (await heard(trade))[0] == "Mug. A."

    shop.save(product, {"body_html": "C."})
    await read(trade)
    speaking = await jobs.claim(workshop.hub, workshop.queue.speech.pop())
    assert speaking is not None
    shop.save(product, {"body_html": "D."})
    await read(trade)
    made = replace(speech(0.1), format=speaking.request.format)
    for delivery in await jobs.complete(workshop.hub, speaking, made):
        await workshop.queue.enqueue_delivery(delivery, None)
    await workshop.settle()
    await trade.settle()
    assert await workshop.spoken() == [*expected, "Mug. C.", "Mug. D."]
    text, digest = await heard(trade)
    assert text == "Mug. D."
    assert trade.metafield(product, HASH_KEY) == digest
    assert shop.waiting == []
