"""What a platform demands to be forgotten is, also where its owner was faster or paused the connection."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from connectors.shopify.documents import URL_KEY
from hub.jobs import sweep
from hub.store.blobs import BlobMissing
from hub.store.connection_tables import ConnectionRecord, InboundEvent
from hub.store.tables import Generation
from tests.hub.connections.test_shopify import Trade, trade

__all__ = ["trade"]


async def test_a_shop_whose_owner_disconnects_leaves_no_text_and_no_audio(trade: Trade) -> None:
    workshop = trade.workshop
    await trade.simulator.act()
    await trade.settle()
    product = next(iter(trade.simulator.shop.products))
    url = trade.metafield(product, URL_KEY) or ""
    async with workshop.hub.database.reading() as session:
        audio_key = await session.scalar(select(Generation.audio_key))
    assert audio_key is not None
    await trade.simulator.act()
    await trade.simulator.shop.send_waiting()
    await workshop.errand(workshop.queue.deliveries.pop(0))
    waiting = Generation.status == "queued"
    assert await workshop.count(Generation, waiting) == 1, "one is still to be spoken"

    await workshop.call("DELETE", f"/v1/connections/{trade.connection}", 204)
    assert await workshop.count(ConnectionRecord) == await workshop.count(Generation, waiting) == 0
    assert await workshop.spoken() == ["", ""]
    assert (await workshop.client.get(url)).status_code == 404
    await sweep(workshop.hub)
    assert await workshop.count(Generation, Generation.audio_key.is_not(None)) == 0
    with pytest.raises(BlobMissing):
        await workshop.hub.blobs.get(audio_key)


async def test_what_tells_of_people_does_not_wait_for_a_paused_connection(trade: Trade) -> None:
    workshop = trade.workshop
    await workshop.call("POST", f"/v1/connections/{trade.connection}/pause")
    trade.simulator.shop.comply("customers/data_request", customer={"email": "john@example.com"})
    await trade.simulator.act()
    await trade.settle()
    async with workshop.hub.database.reading() as session:
        rows = {row.name: row for row in await session.scalars(select(InboundEvent))}
    request = rows.pop("customers/data_request")
    assert (request.verdict, request.payload, request.headers) == ("ignored", b"", {})
    assert [row.verdict for row in rows.values()] == ["waiting"], "the product waits as it should"
