"""Webflow through the hub: many items in one delivery, fetched, spoken, pushed; and what never arrived."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from random import Random
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import select

from connectors.values import SpeechOrder
from hub.connections import authorising, connecting, sweeping
from hub.connections.catalogue import connector_named
from hub.connections.form import Filled
from hub.connections.jobs import look_job
from hub.connections.reading import preview
from hub.connections.records import load_connection
from hub.connections.stand_ins import stand_in
from hub.errors import Forbidden
from hub.store.connection_tables import ConnectionRecord, InboundEvent, Push
from hub.store.tables import Generation
from tests.hub.connections.editing import EDITS, PRODUCTS, at_random
from tests.hub.connections.webflow.conftest import Site

DAY = 24 * 60 * 60


async def test_many_items_in_one_delivery_are_each_spoken_and_pushed(site: Site) -> None:
    items = site.publish("Earth", "Mars", "Venus")
    assert len(site.simulator.hooks.waiting) == 1
    await site.settle()
    assert sorted(await site.workshop.spoken()) == ["Earth. Now.", "Mars. Now.", "Venus. Now."]
    addresses = [site.audio_of(item) for item in items]
    assert len(set(addresses)) == 3
    async with httpx.AsyncClient() as visitor:
        page = (await visitor.get(f"{site.url}/blog-posts/mars")).text
        assert f'src="{addresses[1]}"' in page
        heard = await visitor.get(str(addresses[1]))
    assert (heard.status_code, heard.headers["content-type"]) == (200, "audio/mpeg")
    events = await site.workshop.events(site.connection)
    assert [event["verdict"] for event in events].count("spoken") == 3
    assert "It tells of 3 things; each is an event of its own." in [event["sentence"] for event in events]
    # Three echoes came of our three live writes.
    unchanged = [event for event in events if str(event["sentence"]).startswith("What would be heard")]
    assert len(unchanged) == 3
    assert await site.workshop.count(Push, Push.status == "pushed") == 3


async def test_the_same_delivery_fifty_times_at_once_is_spoken_once(site: Site) -> None:
    sent: list[tuple[str, dict[str, str], bytes]] = []

    async def keep(url: str, headers: Mapping[str, str], body: bytes) -> int:
        sent.append((url, dict(headers), body))
        return 200

    site.simulator.hooks.post = keep
    site.publish("Earth", "Mars")
    await site.simulator.hooks.send_due()
    ((url, headers, body),) = sent
    async with httpx.AsyncClient() as platform:
        answers = await asyncio.gather(
            *(platform.post(url, headers=headers, content=body) for _ in range(50))
        )
    assert {answer.status_code for answer in answers} == {200}
    await site.workshop.settle()
    assert await site.workshop.count(Generation) == 2
    assert [push.attempts for push in await site.workshop.pushes()] == [1, 1]


async def test_what_never_arrived_is_spoken_a_day_later_and_once(site: Site) -> None:
    site.publish("Heard")
    await site.settle()
    site.down = True
    missed = site.publish("Missed", "Missed too")
    for _ in range(4):
        await site.simulator.hooks.send_due()
        site.workshop.clock.advance(601)
    assert [hook.active for hook in site.simulator.hooks.webhooks.values()] == [False, True]
    site.down = False
    await site.sweep()
    assert await site.workshop.spoken() == ["Heard. Now."]

    site.workshop.clock.advance(DAY)
    await site.sweep()
    assert sorted(await site.workshop.spoken()) == ["Heard. Now.", "Missed too. Now.", "Missed. Now."]
    assert all(site.audio_of(item) for item in missed)
    hooks = site.simulator.hooks.webhooks.values()
    assert [hook.active for hook in hooks] == [True, True]
    first = (await site.record()).looked_at

    for _ in range(2):
        site.workshop.clock.advance(DAY + 1)
        await site.sweep()
    assert await site.workshop.count(Generation) == 3
    last = (await site.record()).looked_at
    assert first is not None
    assert last is not None
    assert last > first


async def test_what_was_there_before_is_left_alone(site: Site) -> None:
    await site.workshop.call("DELETE", f"/v1/connections/{site.connection}", 204)
    assert site.simulator.hooks.webhooks == {}
    site.publish("Old")
    site.simulator.hooks.waiting.clear()
    site.workshop.clock.advance(60)
    await site.connect()
    site.workshop.clock.advance(DAY + 1)
    await site.sweep()
    assert await site.workshop.count(InboundEvent) == 0
    assert (await site.record()).looked_at is not None


async def test_a_whole_site_s_publish_is_looked_through_at_once(site: Site) -> None:
    """Page by page, and every collection of it."""
    studio, posts = site.simulator.studio, site.simulator.posts
    more = (("Text", "PlainText"), ("Audio URL", "Link"))
    notes = studio.add_collection(site.simulator.site, "Notes", *more)
    async with site.workshop.hub.database.reading() as session:
        record = await session.get(ConnectionRecord, site.connection)
    assert record is not None
    await connecting.prove(site.workshop.hub, connector_named(site.workshop.hub.settings, "webflow"), record)
    studio.create(posts, {"name": "Post", "post-body": "Now."}, draft=False)
    studio.create(notes, {"name": "Note", "text": "Milk."}, draft=False)
    studio.create(notes, {"name": "Unready", "text": "Mi."}, draft=True)
    studio.publish_site(site.simulator.site)
    await site.settle()
    assert sorted(await site.workshop.spoken()) == ["Note. Milk.", "Post. Now."]
    assert (await site.record()).look_after is None


@pytest.fixture
def waits(site: Site, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds waited for Webflow, which pass at once."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        site.workshop.clock.advance(seconds)

    monkeypatch.setattr("hub.connections.platform._sleep", sleep)
    return waited


async def test_a_large_workspace_is_connected_and_looked_through_at_webflow_s_own_pace(
    site: Site, waits: list[float]
) -> None:
    hub, collections = site.workshop.hub, 65
    await site.settle()
    for number in range(collections - 1):
        site.simulator.studio.add_collection(site.simulator.site, f"Kind {number}", ("Audio URL", "Link"))
    assert site.simulator.oauth.rate == 60
    await connecting.prove(hub, connector_named(hub.settings, "webflow"), await site.record())
    assert waits == [60.0]
    assert len((await site.record()).state["collections"]) == collections

    site.publish("Earth")
    site.simulator.hooks.waiting.clear()
    site.workshop.clock.advance(DAY + 1)
    for _ in range(3):
        await site.sweep()
        site.workshop.clock.advance(301)
    assert await site.workshop.spoken() == ["Earth. Now."]
    record = await site.record()
    assert (record.look_after, record.looked_at is not None) == (None, True)


async def test_a_look_that_is_sent_away_goes_on_later(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the patience of setting up is at its end."""
    monkeypatch.setattr("hub.connections.platform.PATIENCE", 0.0)
    await site.settle()
    site.publish("Earth")
    site.simulator.hooks.waiting.clear()
    site.workshop.clock.advance(DAY + 1)
    site.simulator.oauth.rate = 2
    await sweeping.sweep(site.workshop.hub)
    assert site.workshop.queue.deliveries == [look_job(site.connection)]
    await site.settle()
    assert await site.workshop.count(Generation) == 0
    record = await site.record()
    assert record.status == "live"
    assert record.look_at is not None
    assert record.look_at > site.workshop.hub.now()
    site.simulator.oauth.rate = 60
    await site.sweep()
    assert await site.workshop.count(Generation) == 0
    site.workshop.clock.advance(301)
    await site.sweep()
    assert await site.workshop.spoken() == ["Earth. Now."]


async def test_a_revoked_token_keeps_the_events_until_the_owner_is_back(site: Site) -> None:
    oauth, token = site.simulator.oauth, site.token
    grant = oauth.grants.pop(token)
    site.publish("Earth", "Mars")
    await site.settle()
    record = await site.record()
    assert (record.status, await site.workshop.waiting()) == ("broken", 2)
    assert "it answered 401. Connect again." in str(record.sentence)
    site.workshop.clock.advance(DAY + 1)
    await site.sweep()
    assert (await site.record()).looked_at is None
    oauth.grants[token] = grant
    await site.workshop.call("POST", f"/v1/connections/{site.connection}/resume")
    await site.settle()
    assert sorted(await site.workshop.spoken()) == ["Earth. Now.", "Mars. Now."]


async def test_a_token_that_was_taken_back_is_noticed_by_the_daily_look(site: Site) -> None:
    site.simulator.oauth.grants.clear()
    site.workshop.clock.advance(DAY + 1)
    await site.sweep()
    assert (await site.record()).status == "broken"


async def test_another_collection_is_registered_when_it_is_chosen(site: Site) -> None:
    studio = site.simulator.studio
    notes = studio.add_collection(site.simulator.site, "Notes", ("Text", "PlainText"))
    chosen = {"options": {"collection": notes.id}}
    await site.workshop.call("PATCH", f"/v1/connections/{site.connection}", json=chosen)
    assert "audio-url" in [field["slug"] for field in notes.fields]
    item = studio.create(notes, {"name": "Note", "text": "Milk."}, draft=False)["id"]
    studio.publish(notes, [item])
    site.publish("Not read")
    await site.settle()
    assert await site.workshop.spoken() == ["Note. Milk."]
    wrong = {"options": {"collection": "gone"}}
    told = await site.workshop.call("PATCH", f"/v1/connections/{site.connection}", 422, json=wrong)
    assert "The chosen collection has no field" in told["detail"]
    assert (await site.record()).options["collection"] == notes.id


async def test_collections_and_fields_are_offered_as_webflow_calls_them(site: Site) -> None:
    path = f"/v1/connections/{site.connection}/choices"
    posts = site.simulator.posts.id
    collections = await site.workshop.call("GET", f"{path}/collection")
    assert collections == {"data": [{"value": posts, "label": "Blog posts (Atlas)"}]}
    fields = await site.workshop.call("GET", f"{path}/text_field?collection={posts}&other=x")
    assert [choice["label"] for choice in fields["data"]] == ["Post Body", "Post Summary"]
    assert await site.workshop.call("GET", f"{path}/text_field") == {"data": []}
    missing = await site.workshop.call("GET", f"{path}/voice", 404)
    assert "there are site, collection, text_field, audio_field" in missing["detail"]
    site.simulator.oauth.grants.clear()
    told = await site.workshop.call("GET", f"{path}/site", 422)
    assert "Connect again" in told["detail"]


async def test_a_test_event_is_spoken_on_any_site_and_pushed_nowhere(site: Site) -> None:
    await site.workshop.call("POST", f"/v1/connections/{site.connection}/test", 202)
    await site.settle()
    assert await site.workshop.spoken() == ["Earth. Mostly harmless."]
    assert await site.workshop.pushes() == []
    assert site.simulator.hooks.waiting == []


async def test_an_owner_allows_the_app_and_comes_back(site: Site) -> None:
    """All of OAuth as Webflow has it: no expiry, no refresh token; our state works once."""
    hub, account = site.workshop.hub, site.workshop.customer.account_id
    webflow = connector_named(hub.settings, "webflow")
    base, held = hub.settings.base_url, len(site.simulator.oauth.grants)
    await site.workshop.call("DELETE", f"/v1/connections/{site.connection}", 204)
    assert len(site.simulator.oauth.grants) == held - 1, "its token was taken back"
    form = {"connector": "webflow", "name": "Atlas"}
    asked = await site.workshop.call("POST", "/v1/connections/authorize", 201, json=form)
    await site.workshop.call(
        "POST", "/v1/connections/authorize", 404, json={**form, "connector": "woocommerce"}
    )
    address = asked["authorize_url"]
    assert address.startswith("https://webflow.com/oauth/authorize?response_type=code&")
    async with httpx.AsyncClient() as browser:
        sent = await browser.get(stand_in(hub.settings, address))
    back = urlsplit(sent.headers["location"])
    assert back.path == "/connect/webflow/callback"
    made = await authorising.finish(hub, account, webflow, back.query)
    assert (made.status, made.name) == ("live", "Atlas")
    assert len(site.simulator.hooks.webhooks) == 2
    with pytest.raises(Forbidden):
        await authorising.finish(hub, account, webflow, back.query)
    site.publish("Earth")
    await site.settle()
    assert await site.workshop.spoken() == ["Earth. Now."]

    again = await authorising.begin(hub, account, webflow, Filled(), base_url=base, connection_id=made.id)
    site.simulator.oauth.grants.clear()
    async with httpx.AsyncClient() as browser:
        sent = await browser.get(stand_in(hub.settings, again))
    mended = await authorising.finish(hub, account, webflow, urlsplit(sent.headers["location"]).query)
    assert (mended.id, mended.status) == (made.id, "live")


async def test_what_was_there_before_is_priced_and_spoken_when_agreed_to(site: Site) -> None:
    """Over two collections, and each thing once."""
    call, path = site.workshop.call, f"/v1/connections/{site.connection}/backfill"
    studio = site.simulator.studio
    more = (("Text", "PlainText"), ("Audio URL", "Link"))
    notes = studio.add_collection(site.simulator.site, "Notes", *more)
    webflow = connector_named(site.workshop.hub.settings, "webflow")
    await connecting.prove(site.workshop.hub, webflow, await site.record())
    site.publish("Heard")
    await site.settle()
    site.publish("Old", "Older")
    long = studio.create(notes, {"name": "Long", "text": "It was calm. " * 60}, draft=False)
    studio.publish(notes, [long["id"]])
    site.simulator.hooks.waiting.clear()

    priced = await call("GET", path)
    assert (priced["seen"], priced["to_speak"], priced["unchanged"]) == (4, 3, 1)
    assert priced["credits"] == 50 + 50 + 100
    assert len(await site.workshop.spoken()) == 1
    await call("POST", path, 409, json={"credits": 199})
    await call("POST", path, 202, json={"credits": 200})
    await site.settle()
    assert len(await site.workshop.spoken()) == 4
    again = await call("GET", path)
    assert (again["to_speak"], again["credits"]) == (0, 0)


async def test_the_preview_of_a_sample_is_what_the_test_event_would_say(site: Site) -> None:
    connector = connector_named(site.workshop.hub.settings, "webflow")
    await site.workshop.call("POST", f"/v1/connections/{site.connection}/test", 202)
    async with site.workshop.hub.database.reading() as session:
        row = await session.scalar(select(InboundEvent))
    assert row is not None
    connection = await load_connection(site.workshop.hub, await site.record())
    verdict = preview(connector, connection, row)
    assert isinstance(verdict, SpeechOrder)
    assert verdict.request.text == "Earth. Mostly harmless."


async def test_twenty_items_edited_at_random_are_each_text_spoken_once(site: Site) -> None:
    """Some are published again with nothing new, and each live write of ours is echoed."""
    studio, posts, chance = site.simulator.studio, site.simulator.posts, Random(7)
    site.simulator.oauth.rate = 10_000  # the clock of a test stands almost still
    items = [studio.create(posts, {"name": f"Planet {n}"})["id"] for n in range(PRODUCTS)]
    expected: list[str] = []
    for batch in at_random(chance, items):
        for item in batch:
            edit = f"Edit {len(expected)}."
            changed = studio.change(posts, item, {"fieldData": {"post-body": f"<p>{edit}</p>"}}, live=False)
            expected.append(f"{changed['fieldData']['name']}. {edit}")
        studio.publish(posts, batch)
        studio.publish(posts, chance.sample(batch, 1))
        await site.settle()
    assert sorted(await site.workshop.spoken()) == sorted(expected)
    assert len(expected) == await site.workshop.count(Push, Push.status == "pushed") == PRODUCTS * EDITS
    assert all(site.audio_of(item) for item in items)


async def test_a_delivery_may_be_as_large_as_webflow_makes_them(site: Site) -> None:
    """Its many rich texts: five megabytes, where others may send one."""
    url = f"{site.workshop.hub.settings.base_url}/hooks/webflow/{site.connection}"
    sent = {}
    async with httpx.AsyncClient() as platform:
        for size in (1_500_000, 5_300_000):
            body = json.dumps({"triggerType": "collection_item_changed", "payload": "x" * size}).encode()
            headers = site.simulator.hooks._headers(body)
            sent[size] = (await platform.post(url, headers=headers, content=body)).status_code
    assert sent == {1_500_000: 200, 5_300_000: 413}
