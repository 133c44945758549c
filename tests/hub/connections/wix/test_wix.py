"""Wix through the hub: posts spoken, automations answered, no author's edits published."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest

from connectors.speech import compose
from connectors.wix import actions
from connectors.wix.rich_content import is_ours
from connectors.wix.simulated_app import Refused
from connectors.wix.simulated_blog import document
from hub.connections import sweeping
from hub.store.connection_tables import InboundEvent, Push
from hub.store.tables import Account, Generation
from tests.hub.connections.wix.conftest import Site


async def test_a_post_speaks_and_our_own_publish_is_no_new_one(site: Site) -> None:
    blog, workshop = site.simulator.blog, site.workshop
    post = site.publish("Earth", "Mostly harmless.")
    await site.settle()
    assert await workshop.spoken() == ["Earth. Mostly harmless."]
    (player,) = site.players(post, live=True)
    file = player["audioData"]["audio"]["src"]["id"]
    async with httpx.AsyncClient() as visitor:
        page = (await visitor.get(f"{site.simulator.home}/post/earth")).text
        heard = await visitor.get(f"{site.simulator.home}/mp3/{file}")
    assert f'src="/mp3/{file}"' in page
    assert (heard.status_code, heard.headers["content-type"]) == (200, "audio/mpeg")
    assert blog.drafts[post]["hasUnpublishedChanges"] is False
    assert "What would be heard has not changed since it was last spoken." in await site.sentences()

    # New words, a new file, and the one player stands where its author moved it.
    content = blog.drafts[post]["richContent"]
    moved = [*document("Mostly harmless, still.")["nodes"], *site.players(post, live=False)]
    blog.edit(post, richContent={**content, "nodes": moved})
    blog.publish(post)
    await site.settle()
    assert await workshop.spoken() == ["Earth. Mostly harmless.", "Earth. Mostly harmless, still."]
    assert [is_ours(node) for node in blog.posts[post]["richContent"]["nodes"]] == [False, True]
    assert site.players(post, live=True)[0]["audioData"]["audio"]["src"]["id"] != file
    blog.take_off(post)
    await site.settle()
    assert await workshop.count(Generation) == 2
    # One token for all of it, minted once for the install and never again.
    assert site.simulator.oauth.minted == 1


async def test_what_its_author_has_not_published_is_not_published_by_us(site: Site) -> None:
    """Edited between the event and the audio; it is mended when the author publishes."""
    blog, workshop = site.simulator.blog, site.workshop
    post = site.publish("Earth", "Mostly harmless.")
    await site.simulator.send_due()
    while workshop.queue.deliveries:
        await workshop.errand(workshop.queue.deliveries.pop(0))
    unfinished = document("Mostly harmless.", "To do: check this!")
    blog.edit(post, richContent=unfinished)
    await site.settle()
    assert "check this" not in str(blog.posts[post])
    assert blog.drafts[post]["hasUnpublishedChanges"] is True
    assert (site.players(post, live=True), len(site.players(post, live=False))) == ([], 1)
    assert [(push.status, push.code) for push in await workshop.pushes()] == [("failed", "push_refused")]

    # The same words again: nothing is spoken anew, and the player was put in already.
    nodes = [node for node in blog.drafts[post]["richContent"]["nodes"] if node["id"] != "p1"]
    blog.edit(post, richContent={**unfinished, "nodes": nodes})
    blog.publish(post)
    await site.settle()
    assert len(site.players(post, live=True)) == 1
    assert await workshop.count(Generation) == 1
    assert [push.status for push in await workshop.pushes()] == ["failed", "pushed"]


async def test_what_is_no_text_is_not_published_by_us_either(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Changed before the player came, and between two tries of publishing it."""
    blog, workshop = site.simulator.blog, site.workshop
    before, between = site.publish("Earth"), site.publish("Mars")
    await site.simulator.send_due()
    while workshop.queue.deliveries:
        await workshop.errand(workshop.queue.deliveries.pop(0))
    blog.edit(before, featured=True)
    publish = blog.publish
    lost: list[str] = []

    def interrupted(post: str, who: str = "WIX_USER") -> None:
        if who == "APP" and not lost:
            lost.append(post)
            raise Refused(503, "UNAVAILABLE")
        publish(post, who)

    monkeypatch.setattr(blog, "publish", interrupted)
    await site.settle()
    assert lost == [between]
    blog.edit(between, seoSlug="red")
    workshop.clock.advance(timedelta(days=1).total_seconds())
    await sweeping.sweep(workshop.hub)
    await site.settle()
    assert (blog.posts[before]["featured"], "seoSlug" in blog.posts[between]) == (False, False)
    for post in (before, between):
        assert (site.players(post, live=True), len(site.players(post, live=False))) == ([], 1)
    assert [push.code for push in await workshop.pushes()] == ["push_refused"] * 2


async def test_a_slow_import_is_waited_for_and_not_begun_again(site: Site) -> None:
    media, workshop = site.simulator.media, site.workshop

    async def try_again() -> None:
        workshop.clock.advance(timedelta(days=1).total_seconds())
        await sweeping.sweep(workshop.hub)
        await site.settle()

    media.slow = True
    post = site.publish("Earth")
    await site.settle()
    await try_again()
    assert [push.attempts for push in await workshop.pushes()] == [2]
    assert len(media.files) == 1
    media.files.clear()  # its owner deletes it
    await try_again()
    media.slow = False
    await try_again()
    (player,) = site.players(post, live=True)
    assert [player["audioData"]["audio"]["src"]["id"]] == [*media.files]


async def test_an_automation_waits_and_goes_on_with_the_audio(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    automations, workshop = site.simulator.automations, site.workshop
    threads: set[int] = set()

    def watched(*given: Any) -> Any:
        threads.add(threading.get_ident())
        return compose(*given)

    monkeypatch.setattr(actions, "compose", watched)
    request = automations.request({"text": "Thank you, Ada."})
    began = time.perf_counter()
    first, again = await site.ask("v1/invoke", request), await site.ask("v1/invoke", request)
    assert time.perf_counter() - began < 1
    assert threads
    assert threading.get_ident() not in threads, "others wait while a text is composed"
    assert first.json() == again.json()
    assert first.json()["timeoutLengthOptions"] == {"timeoutInMinutes": 60}
    await site.settle()
    assert await workshop.spoken() == ["Thank you, Ada."]
    (reported,) = automations.reported.values()
    result = reported["successInfo"]["result"]
    assert (await workshop.client.get(result["audio_url"])).status_code == 200
    assert result["duration_seconds"] > 0

    empty = await site.ask("v1/invoke", automations.request({"text": " "}))
    assert empty.json()["applicationError"]["code"] == "NOTHING_TO_READ"
    unknown = await site.ask("v1/invoke", automations.request({"text": "Hi.", "language": "xx"}))
    assert (unknown.status_code, unknown.json()["applicationError"]["code"]) == (400, "TEXT_NOT_SPOKEN")
    async with workshop.hub.database.transaction() as session:
        account = await session.get_one(Account, workshop.customer.account_id)
        free, account.credits = account.credits, 49
    poor = await site.ask("v1/invoke", automations.request({"text": "Hello."}))
    assert (poor.status_code, poor.json()["applicationError"]["code"]) == (428, "QUOTA_EXCEEDED")
    async with workshop.hub.database.transaction() as session:
        (await session.get_one(Account, workshop.customer.account_id)).credits = free
    assert (await site.ask("v1/invoke", {"actionParams": {}})).status_code == 400

    mapped = await site.ask("v1/validate-configuration", {"inputMapping": '{"text": "{{var}}"}'})
    assert mapped.json() == {"valid": True, "configurationErrors": []}
    unmapped = await site.ask("v1/validate-configuration", {"inputMapping": "{}"})
    assert [error["fieldKey"] for error in unmapped.json()["configurationErrors"]] == ["text"]
    assert (await site.ask("v1/validate-configuration", {"inputMapping": "{"})).status_code == 400
    quota = (await site.ask("v1/quota-info", {"actionKey": "a"})).json()["actionQuotaInfo"]
    assert quota["quotaInfo"][0]["quotas"][0]["limit"] == str(free // 50)

    assert (await site.ask("v1/other", {})).status_code == 404
    assert (await site.ask("v1/quota-info", {}, instance="nobody")).status_code == 404
    webhook = site.simulator.oauth.told(site.simulator.instance, "x", {})
    refused = await workshop.client.post("/hooks/wix/ask/v1/invoke", content=webhook)
    assert refused.status_code == 401
    await workshop.call("POST", f"/v1/connections/{site.connection}/pause")
    paused = await site.ask("v1/quota-info", {})
    assert (paused.status_code, paused.json()["applicationError"]["code"]) == (409, "CONNECTION_PAUSED")
    assert (await site.ask("v1/invoke", automations.request({"text": "Hi."}))).status_code == 409
    assert await workshop.count(InboundEvent) == 1


async def test_a_field_of_a_collection_and_what_was_there_before(site: Site) -> None:
    call, path = site.workshop.call, f"/v1/connections/{site.connection}"
    old = site.publish("Earth")
    site.simulator.hooks.waiting.clear()
    rows = site.simulator.cms.collections["Voices"] = {"i1": {"postId": old}}
    chosen = {"options": {"put_into": "collection", "collection": "Voices"}}
    await call("PATCH", path, json=chosen)
    priced = await call("GET", f"{path}/backfill")
    assert (priced["to_speak"], priced["credits"]) == (1, 50)
    await call("POST", f"{path}/backfill", 202, json={"credits": 50})
    await site.settle()
    new = site.publish("Mars")
    await site.settle()
    assert [row["postId"] for row in rows.values()] == [old, new]
    assert all(row["voiceover"].startswith("http") for row in rows.values())
    assert site.players(new, live=True) == []
    assert await site.workshop.count(Push, Push.status == "pushed") == 2


async def test_a_test_event_is_spoken_and_touches_no_site(site: Site) -> None:
    await site.workshop.call("POST", f"/v1/connections/{site.connection}/test", 202)
    await site.settle()
    assert [text[:6] for text in await site.workshop.spoken()] == ["Earth."]
    assert await site.workshop.pushes() == []
