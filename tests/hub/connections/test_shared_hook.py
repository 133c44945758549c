"""The hook that all connections of a platform share: whose a delivery is, is looked up once in a while."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from hub.connections.catalogue import connector_named
from hub.connections.connecting import disconnect, establish
from hub.connections.form import Filled
from hub.store.connection_tables import InboundEvent
from tests.hub.connections.test_shopify import Trade, trade
from tests.hub.running import eventually

__all__ = ["trade"]


async def deliveries(trade: Trade, count: int) -> list[tuple[dict[str, str], bytes]]:
    """What the shop would send for so many products, in our hands."""
    sent: list[tuple[dict[str, str], bytes]] = []

    async def keep(url: str, headers: Mapping[str, str], body: bytes) -> int:
        sent.append((dict(headers), body))
        return 200

    trade.simulator.shop.post = keep
    for _ in range(count):
        await trade.simulator.act()
    await trade.simulator.shop.send_waiting()
    return sent[:count]


async def test_a_burst_asks_once_whose_it_is_and_who_connects_anew_misses_nothing(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop, account = trade.workshop, trade.workshop.customer.account_id
    database, readings = workshop.hub.database, 0
    reading = database.reading

    @asynccontextmanager
    async def counted() -> AsyncIterator[AsyncSession]:
        nonlocal readings
        readings += 1
        async with reading() as session:
            yield session

    sent = await deliveries(trade, 6)
    monkeypatch.setattr(database, "reading", counted)
    for headers, body in sent[:5]:
        assert (await trade.platform.post(trade.hook, headers=headers, content=body)).status_code == 200
    assert readings == 1
    monkeypatch.undo()

    await disconnect(workshop.hub, account, trade.connection)
    known = trade.simulator.credentials
    tokens = {name: known[name] for name in ("access_token", "refresh_token")}
    tokens["expires_at"] = (workshop.clock.instant + timedelta(hours=1)).isoformat()
    connector = connector_named(workshop.hub.settings, "shopify")
    again = await establish(workshop.hub, account, connector, Filled("Shop", trade.address), tokens)
    headers, body = sent[5]
    assert (await trade.platform.post(trade.hook, headers=headers, content=body)).status_code == 200
    assert await workshop.count(InboundEvent, InboundEvent.connection_id == again.id) == 1
    forged = headers | {name: "bm8=" for name in headers if "Hmac" in name}
    assert (await trade.platform.post(trade.hook, headers=forged, content=body)).status_code == 401

    async def counted_too() -> bool:
        shown = await workshop.call("GET", f"/v1/connections/{again.id}/events")
        return [row["reason"] for row in shown["refusals"]] == ["signature_mismatch"]

    await eventually(counted_too, 5)
