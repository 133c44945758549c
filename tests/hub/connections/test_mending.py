"""What goes wrong is kept, told in a sentence, and goes on once it is mended."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import standardwebhooks
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub import jobs
from hub.connections import pushing
from hub.connections.inbox import Arrival, insert_new
from hub.connections.sweeping import sweep
from hub.money import hold
from hub.store.connection_tables import InboundEvent, Push, TargetRecord
from hub.store.tables import Generation
from hub.worker.errands import Errands
from tests.hub.connections.conftest import ShopHere, Workshop
from tests.hub.receiver import running_receiver
from webhooks.circuit import Rules
from webhooks.guard import open_client, policy_for
from webhooks.pacing import Pace
from webhooks.traffic import Traffic

CUP: dict[str, Any] = {"name": "Cup", "description": "Blue."}


async def send(workshop: Workshop, shop: ShopHere, **product: Any) -> int:
    number: int = shop.shop.create({**CUP, **product})["id"]
    await shop.shop.send_waiting()
    await workshop.settle()
    return number


async def test_a_mistake_in_the_template_is_told_and_replayed_once_mended(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    path = f"/v1/connections/{connected}"
    await workshop.call("PATCH", path, json={"options": {"text": "{{ nam }}"}})
    product = await send(workshop, shop)
    (event,) = await workshop.events(connected)
    assert (event["verdict"], event["code"]) == ("failed", "mapping_failed")
    assert "nam" in event["sentence"]
    assert await workshop.spoken() == []
    changed = await workshop.call("PATCH", path, json={"options": {"text": "{{ name }}"}, "name": "Mine"})
    assert (changed["name"], changed["options"]["text"]) == ("Mine", "{{ name }}")
    replay = f"{path}/events/{event['id']}/replay"
    assert (await workshop.call("POST", replay, 202))["verdict"] == "waiting"
    await workshop.call("POST", replay, 409)
    await workshop.settle()
    assert await workshop.spoken() == ["Cup"]
    assert shop.audio_of(product) is not None
    await workshop.call("POST", f"{path}/events/nothing/replay", 404)


async def test_a_broken_connection_keeps_its_events_tells_and_drains(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    with running_receiver() as receiver:
        events = ["connection.broken", "connection.recovered"]
        form = {"url": receiver.url, "events": events}
        endpoint = await workshop.call("POST", "/v1/webhooks", 201, json=form)
        key, secret = shop.credentials["consumer_key"], shop.credentials["consumer_secret"]
        shop.simulator.keys[key] = "cs_" + "1" * 40
        product = await send(workshop, shop)
        assert shop.audio_of(product) is None
        await send(workshop, shop, name="Later")
        record = await workshop.record(connected)
        assert record.status == "broken"
        assert "401" in (record.sentence or "")
        assert await workshop.waiting() == 1
        assert [push.status for push in await workshop.pushes()] == ["waiting"]
        still = await workshop.call("POST", f"/v1/connections/{connected}/resume", 422)
        assert "401" in still["detail"]
        shop.simulator.keys[key] = secret
        assert (await workshop.call("POST", f"/v1/connections/{connected}/resume"))["status"] == "live"
        await workshop.settle()
        assert shop.audio_of(product) is not None
        assert await workshop.waiting() == 0
        assert await workshop.count(Push, Push.status == "pushed") == 2
        told = [json.loads(one.body) for one in receiver.received]
        assert [one["type"] for one in told] == events
        assert told[0]["data"]["sentence"] == record.sentence
        first = receiver.received[0]
        at = datetime.fromtimestamp(int(first.headers["webhook-timestamp"]), UTC)
        verifier = standardwebhooks.Webhook(endpoint["secret"])
        signature = verifier.sign(first.headers["webhook-id"], at, first.body.decode())
        assert signature == first.headers["webhook-signature"]


async def test_a_paused_connection_reads_what_it_kept_when_it_goes_on(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    path = f"/v1/connections/{connected}"
    assert (await workshop.call("POST", f"{path}/pause"))["status"] == "paused"
    await send(workshop, shop)
    assert await workshop.waiting() == 1
    assert (await workshop.call("POST", f"{path}/resume"))["sentence"] is None
    await workshop.settle()
    assert await workshop.spoken() == ["Cup. Blue."]


async def test_a_pause_holds_for_events_that_are_about_to_be_read(
    workshop: Workshop, shop: ShopHere, connected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare, prepared = jobs.prepare, 0

    async def paused_meanwhile(*args: Any, **kwargs: Any) -> Generation:
        nonlocal prepared
        prepared += 1
        if prepared == 2:
            await workshop.call("POST", f"/v1/connections/{connected}/pause")
        return await prepare(*args, **kwargs)

    monkeypatch.setattr(jobs, "prepare", paused_meanwhile)
    for number in range(3):
        shop.shop.create({**CUP, "name": f"Cup {number}"})
    await shop.shop.send_waiting()
    await workshop.settle()
    assert await workshop.spoken() == ["Cup 0. Blue."]
    assert (await workshop.waiting(), prepared) == (2, 2)
    await workshop.call("POST", f"/v1/connections/{connected}/resume")
    await workshop.settle()
    assert await workshop.spoken() == [f"Cup {number}. Blue." for number in range(3)]


async def test_events_of_one_instant_are_paged_without_loss(workshop: Workshop, connected: str) -> None:
    at = workshop.hub.now()
    arrivals = [Arrival(connected, f"d{number}", b"{}", {}, at) for number in range(7)]
    async with workshop.hub.database.transaction() as session:
        await insert_new(session, arrivals)
    path, cursor, seen = f"/v1/connections/{connected}/events?limit=3", "", []
    while True:
        page = await workshop.call("GET", f"{path}{cursor}")
        seen += [event["id"] for event in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(seen) == len(set(seen)) == 7
    refused = await workshop.call("GET", f"{path}&cursor=x", 422)
    assert "next_cursor" in refused["detail"]


async def test_without_credits_an_event_waits_for_a_replay(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    async with workshop.hub.database.transaction() as session:
        await hold(
            session,
            account_id=workshop.customer.account_id,
            generation_id="other",
            credits=100_490,
            now=workshop.hub.now(),
        )
    await send(workshop, shop)
    (event,) = await workshop.events(connected)
    assert (event["verdict"], event["code"]) == ("failed", "insufficient_credits")
    assert event["sentence"] == (
        "Insufficient credits: this request costs 50 and 10 are left. Top up and replay this event."
    )
    assert await workshop.count(Generation) == 0


async def test_what_is_gone_is_not_pushed_again(workshop: Workshop, shop: ShopHere, connected: str) -> None:
    product = shop.shop.create(CUP)["id"]
    await shop.shop.send_waiting()
    shop.shop.may_view = False
    await workshop.settle()
    (push,) = await workshop.pushes()
    assert (push.status, push.code) == ("waiting", "connection_broken")
    shop.shop.may_view = True
    del shop.shop.products[product]
    await workshop.call("POST", f"/v1/connections/{connected}/resume")
    await workshop.settle()
    (push,) = await workshop.pushes()
    assert (push.status, push.code, push.sentence) == (
        "failed",
        "target_gone",
        "The product is no longer in the shop.",
    )
    assert await workshop.count(InboundEvent, InboundEvent.verdict == "spoken") == 1


async def test_a_push_that_is_cut_off_at_its_end_is_ended_again(
    workshop: Workshop, shop: ShopHere, connected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = shop.shop.create(CUP)["id"]
    await shop.shop.send_waiting()
    del shop.shop.products[product]
    with monkeypatch.context() as patched:
        patched.setattr(pushing, "_forget_spoken", _cut_off)
        await workshop.settle()
    (push,) = await workshop.pushes()
    assert push.status == "waiting", "or what was spoken would never be forgotten"
    workshop.clock.advance(pushing.LEASE_SECONDS + 1)
    await sweep(workshop.hub)
    await workshop.settle()
    (push,) = await workshop.pushes()
    assert (push.status, push.code) == ("failed", "target_gone")
    assert await workshop.count(TargetRecord, TargetRecord.spoken_hash.is_not(None)) == 0


async def _cut_off(*_: Any) -> None:
    raise OSError("the disk is full")


async def test_a_platform_that_has_no_time_is_asked_again(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    product = shop.shop.create(CUP)["id"]
    await shop.shop.send_waiting()
    work = shop.simulator.app
    shop.simulator.app = Starlette(routes=[Route("/{rest:path}", _busy, methods=["GET", "PUT"])])
    await workshop.settle()
    (push,) = await workshop.pushes()
    assert (push.status, push.attempts, push.code) == ("waiting", 1, "try_again")
    assert 90 < (push.next_at - workshop.hub.now()).total_seconds() < 150, "as Retry-After asked for"
    await sweep(workshop.hub)
    assert workshop.queue.deliveries == []
    workshop.clock.advance(150)
    shop.simulator.app = work
    await sweep(workshop.hub)
    await workshop.settle()
    assert shop.audio_of(product) is not None


@pytest.mark.parametrize(("status", "tried"), [(429, [1, 1]), (503, [0, 1])])
async def test_a_platform_that_is_busy_is_not_taken_for_one_that_is_down(
    workshop: Workshop, shop: ShopHere, connected: str, status: int, tried: list[int]
) -> None:
    for _ in tried:
        shop.shop.create(CUP)
    await shop.shop.send_waiting()

    async def answer(request: Request) -> Response:
        return Response(status_code=status)

    shop.simulator.app = Starlette(routes=[Route("/{rest:path}", answer, methods=["GET", "PUT"])])
    async with open_client(policy_for(allow_private=True)) as client:
        traffic = Traffic(Pace(1e6, 1_000_000), Rules(calls=1))
        workshop.errands = Errands(workshop.hub, client, traffic=traffic)
        await workshop.settle()
    assert sorted(push.attempts for push in await workshop.pushes()) == tried


async def _busy(request: Request) -> Response:
    return Response(status_code=503, headers={"Retry-After": "120"})
