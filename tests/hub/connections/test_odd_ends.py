"""What is rare: a full queue, a voice that is gone, audio erased on its way, a push that failed before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from hub.connections.inbox import Arrival, ConnectionGone, Inbox
from hub.connections.processing import count_waiting
from hub.connections.sweeping import KEPT, forget_old, sweep
from hub.store.connection_tables import ConnectionRecord, InboundEvent, Push
from hub.store.tables import Account, Generation
from hub.worker.errands import Errands
from tests.hub.connections.conftest import ShopHere, Workshop
from webhooks.guard import open_client, policy_for

CUP: dict[str, Any] = {"name": "Cup", "description": "Blue."}


async def test_a_full_queue_leaves_events_waiting_in_their_order(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    settings = workshop.hub.settings.model_copy(update={"queue_limit": 1})
    async with open_client(policy_for(allow_private=True)) as client:
        tight = replace(workshop, errands=Errands(replace(workshop.hub, settings=settings), client))
        for number in range(3):
            shop.shop.create({**CUP, "name": f"Cup {number}"})
        await shop.shop.send_waiting()
        await tight.errand(tight.queue.deliveries.pop(0))
    assert await workshop.spoken() == ["Cup 0. Blue."]
    async with workshop.hub.database.reading() as session:
        assert await count_waiting(session, connected) == 2
    await sweep(workshop.hub)
    await workshop.settle()
    assert await workshop.spoken() == [f"Cup {number}. Blue." for number in range(3)]


async def test_a_connection_without_a_voice_speaks_in_the_account_s_own(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    path = f"/v1/connections/{connected}"
    form = {"name": "Narrator", "voice_description": "warm woman", "seed": 3}
    voice = await workshop.call("POST", "/v1/voices", 201, json=form)
    async with workshop.hub.database.transaction() as session:
        await session.execute(update(Account).values(default_voice_id=voice["id"]))
    told = []
    for number, options in enumerate(({}, {"voice_description": "a child"}, {"voice_description": ""})):
        if number == 2:
            await workshop.call("DELETE", f"/v1/voices/{voice['id']}", 204)
        await workshop.call("PATCH", path, json={"options": options})
        shop.shop.create({**CUP, "name": f"Cup {number}"})
        await shop.shop.send_waiting()
        await workshop.settle()
        async with workshop.hub.database.reading() as session:
            newest = (
                select(Generation).order_by(Generation.created_at.desc(), Generation.text.desc()).limit(1)
            )
            made = (await session.scalars(newest)).one()
        told.append((made.voice_description, made.seed))
    assert told == [("warm woman", 3), ("a child", None), (None, None)]


async def test_a_saved_voice_that_is_gone_is_told_and_mended(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    path = f"/v1/connections/{connected}"
    form = {"name": "Narrator", "voice_description": "warm woman", "seed": 3}
    voice = await workshop.call("POST", "/v1/voices", 201, json=form)
    await workshop.call("PATCH", path, json={"options": {"voice": voice["id"]}})
    shop.shop.create(CUP)
    await shop.shop.send_waiting()
    await workshop.settle()
    await workshop.call("DELETE", f"/v1/voices/{voice['id']}", 204)
    shop.shop.create({**CUP, "name": "Later"})
    await shop.shop.send_waiting()
    await workshop.settle()
    newest = (await workshop.events(connected))[0]
    assert (newest["verdict"], newest["code"]) == ("failed", "voice_missing")
    await workshop.call("PATCH", path, json={"options": {"voice": ""}})
    await workshop.call("POST", f"{path}/events/{newest['id']}/replay", 202)
    await workshop.settle()
    assert "Later. Blue." in await workshop.spoken()


async def test_audio_erased_on_its_way_is_not_put_back(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    product = shop.shop.create(CUP)["id"]
    await shop.shop.send_waiting()
    await workshop.errand(workshop.queue.deliveries.pop(0))
    (generation,) = workshop.queue.speech
    await workshop.speak(workshop.queue.speech.pop(0))
    await workshop.call("DELETE", f"/v1/tts/generations/{generation}", 204)
    await workshop.settle()
    (push,) = await workshop.pushes()
    assert (push.status, push.code) == ("failed", "audio_gone")
    assert shop.audio_of(product) is None


async def test_a_push_that_failed_is_made_again_by_a_replay_and_by_the_next_save(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    product = shop.shop.create(CUP)["id"]
    await shop.shop.send_waiting()
    await workshop.settle()
    async with workshop.hub.database.transaction() as session:
        await session.execute(update(Push).values(status="failed"))
    (event,) = [one for one in await workshop.events(connected) if one["verdict"] == "spoken"]
    await workshop.call("POST", f"/v1/connections/{connected}/events/{event['id']}/replay", 202)
    await workshop.settle()
    assert sorted(push.status for push in await workshop.pushes()) == ["failed", "pushed"]
    async with workshop.hub.database.transaction() as session:
        await session.execute(update(Push).values(status="failed"))
    shop.shop.save(product, {"price": "9"})
    await shop.shop.send_waiting()
    await workshop.settle()
    assert "pushed" in [push.status for push in await workshop.pushes()]
    assert await workshop.spoken() == ["Cup. Blue."]


async def test_a_delivery_for_a_connection_that_is_gone_spoils_no_other(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    inbox, now = Inbox(workshop.hub), workshop.hub.now()
    with pytest.raises(ConnectionGone):
        await inbox.keep(Arrival("0" * 36, "d", b"{}", {}, now))
    await inbox.keep(Arrival(connected, "d", b"{}", {}, now))
    await workshop.settle()
    (event,) = await workshop.events(connected)
    assert event["verdict"] == "ignored"
    assert "without a name" in event["sentence"]


async def test_a_connector_that_is_no_longer_installed_is_told(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    shop.shop.create(CUP)
    await shop.shop.send_waiting()
    async with workshop.hub.database.transaction() as session:
        await session.execute(update(ConnectionRecord).values(connector="gone"))
    await workshop.settle()
    async with workshop.hub.database.reading() as session:
        assert await count_waiting(session, connected) == 0
    assert (await workshop.record(connected)).failed == 1


async def test_what_was_read_is_emptied_after_its_time(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    shop.shop.create(CUP)
    await shop.shop.send_waiting()
    await workshop.settle()
    workshop.clock.advance((KEPT + timedelta(hours=1)).total_seconds())
    await forget_old(workshop.hub)
    assert await workshop.count(InboundEvent, InboundEvent.payload != b"") == 0
    (event, *_) = await workshop.events(connected)
    old = await workshop.call("POST", f"/v1/connections/{connected}/events/{event['id']}/replay", 409)
    assert "too old" in old["detail"]
