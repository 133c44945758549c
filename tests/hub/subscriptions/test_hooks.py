"""Hooks: subscribed, told once of each voiceover they want, dropped by either side."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
import standardwebhooks
from structlog.testing import capture_logs

from hub.accounts.closing import close_account
from hub.api.schemas.voiceovers import Voiceover
from hub.errors import Conflict, NotFound
from hub.oauth import create_client
from hub.store.hook_tables import HookGoodbye, HookSubscription
from hub.store.oauth_tables import OauthGrant
from hub.store.tables import Delivery, DeliveryAttempt, Generation
from hub.subscriptions import hooks, messages, sweeping
from hub.subscriptions.ended import ENDED
from tests.hub.api.conftest import new_customer
from tests.hub.connections.conftest import ShopHere, Workshop
from tests.hub.subscriptions.builder import Builder, running_builder

EVENTS = ["generation.completed", "generation.failed"]


@pytest_asyncio.fixture
async def builder() -> AsyncIterator[Builder]:
    async with running_builder() as running:
        yield running


async def subscribed(workshop: Workshop, builder: Builder, path: str, **more: Any) -> dict[str, Any]:
    form = {"target_url": f"{builder.url}{path}", **more}
    made: dict[str, Any] = await workshop.call("POST", "/v1/hooks", 201, json=form)
    return made


async def voiced(workshop: Workshop, text: str = "Good morning.", **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = await workshop.call("POST", "/v1/voiceovers", 202, json={"text": text, **fields})
    await workshop.settle()
    shown: dict[str, Any] = await workshop.call("GET", f"/v1/voiceovers/{made['id']}")
    return shown


def links_apart(document: dict[str, Any]) -> dict[str, Any]:
    """Links are made anew each time."""
    return {name: value for name, value in document.items() if not name.endswith(("_url", "expires_at"))}


async def test_a_hook_is_told_once_in_the_shape_of_every_other_answer(
    workshop: Workshop, builder: Builder
) -> None:
    hook = await subscribed(workshop, builder, "/1/", goodbye=True)
    shown = await voiced(workshop, metadata={"sku": "A-1"})
    (heard,) = builder.heard
    at = datetime.fromtimestamp(int(heard.headers["webhook-timestamp"]), UTC)
    signature = standardwebhooks.Webhook(hook["secret"]).sign(
        heard.headers["webhook-id"], at, heard.body.decode()
    )
    assert signature in heard.headers["webhook-signature"].split()
    assert list(heard.document) == list(shown)
    assert set(shown) == set(Voiceover.model_fields)
    assert links_apart(heard.document) == links_apart(shown)
    (listed,) = (await workshop.call("GET", "/v1/voiceovers?status=completed&mode="))["data"]
    assert links_apart(listed) == links_apart(shown)
    assert (shown["status"], shown["credits_used"], shown["characters"]) == ("completed", 50.0, 13)
    assert shown["metadata"] == {"sku": "A-1"}
    audio = await workshop.client.get(heard.document["output_url"])
    by_key = await workshop.client.get(shown["download_url"], headers=workshop.customer.headers)
    assert by_key.content == audio.content
    assert by_key.headers["content-disposition"] == f'attachment; filename="voiceover-{shown["id"]}.wav"'
    (kept,) = (await workshop.call("GET", "/v1/hooks"))["data"]
    assert (kept["id"], kept["last_status"], kept["goodbye"]) == (hook["id"], "delivered", True)
    assert kept == await workshop.call("GET", f"/v1/hooks/{hook['id']}")
    for _ in range(2):
        await workshop.call("DELETE", f"/v1/hooks/{hook['id']}", 204)
    await workshop.call("GET", f"/v1/hooks/{hook['id']}", 404)
    await voiced(workshop)
    assert len(builder.heard) == 1
    assert await workshop.count(HookGoodbye) == 0  # whoever takes it back needs not be told


async def test_a_hook_hears_only_what_it_asked_for(
    workshop: Workshop, builder: Builder, shop: ShopHere, connected: str
) -> None:
    voice = await workshop.call("POST", "/v1/voices", 201, json={"name": "Eve", "voice_description": "warm"})
    await subscribed(workshop, builder, "/all/", events="generation.completed, generation.failed")
    await subscribed(workshop, builder, "/failed/", events=["generation.failed"])
    await subscribed(workshop, builder, "/clone/", mode="clone")
    await subscribed(workshop, builder, "/voice/", voice_id=voice["id"])
    await subscribed(workshop, builder, "/shop/", connection_id=connected)
    workshop.failing.add("No.")
    failed = await voiced(workshop, "No.")
    by_voice = await voiced(workshop, "By Eve.", voice_id=voice["id"])
    shop.shop.create({"name": "Mug", "description": "Blue."})
    await shop.shop.send_waiting()
    await workshop.settle()
    told = {name: [one.document for one in builder.at(f"/{name}/")] for name in ("all", "voice", "shop")}
    assert len(told["all"]) == 3
    assert [one.document["id"] for one in builder.at("/failed/")] == [failed["id"]]
    assert (failed["error_code"], failed["credits_used"]) == ("engine_failed", 0.0)
    assert builder.at("/clone/") == []
    assert [one["id"] for one in told["voice"]] == [by_voice["id"]]
    assert [(one["source"], one["connection_id"]) for one in told["shop"]] == [("woocommerce", connected)]
    for query, ids in (
        (f"voice_id={voice['id']}", [by_voice["id"]]),
        (f"connection_id={connected}", [told["shop"][0]["id"]]),
    ):
        listed = await workshop.call("GET", f"/v1/voiceovers?{query}")
        assert [one["id"] for one in listed["data"]] == ids


async def test_the_same_target_again_is_the_same_hook_with_what_is_asked_now(
    workshop: Workshop, builder: Builder
) -> None:
    first = await subscribed(workshop, builder, "/1/", mode="clone")
    again = await subscribed(workshop, builder, "/1/", mode="")
    other = await subscribed(workshop, builder, "/2/")
    assert (again["id"], again["mode"], again["events"]) == (first["id"], None, EVENTS)
    assert other["id"] != first["id"]
    assert again["secret"] != first["secret"]
    await voiced(workshop)
    assert len(builder.heard) == 2
    assert len(builder.at("/1/")[0].headers["webhook-signature"].split()) == 2


async def test_an_app_touches_only_hooks_of_its_own(workshop: Workshop, builder: Builder) -> None:
    hub, account_id = workshop.hub, workshop.customer.account_id
    asked = hooks.NewHook(f"{builder.url}/1/")
    first = await hooks.subscribe(hub, account_id, asked, app="one")
    await hooks.unsubscribe(hub, account_id, first.id, app="another")
    with pytest.raises(Conflict):
        await hooks.subscribe(hub, account_id, asked, app="another")
    with pytest.raises(NotFound):
        await messages.send_test(hub, account_id, first.id, app="another")
    async with hub.database.reading() as session:
        assert await hooks.list_hooks(session, account_id, app="another") == []
        assert await hooks.find_hook(session, account_id, first.id, app="one")
    await workshop.call("DELETE", f"/v1/hooks/{first.id}", 204)
    assert await workshop.count(HookSubscription) == 0


async def test_what_cannot_be_a_hook_is_refused_by_name(workshop: Workshop, builder: Builder) -> None:
    stranger = await new_customer(workshop.hub, "other@example.com")
    theirs = {"name": "Eve", "voice_description": "warm"}
    voice = await workshop.client.post("/v1/voices", json=theirs, headers=stranger.headers)
    for wrong, field in (
        ({"target_url": "ftp://example.com/"}, "target_url"),
        ({"events": ["voice.ready"]}, "events"),
        ({"mode": "sung"}, "mode"),
        ({"voice_id": voice.json()["id"]}, "voice_id"),
        ({"connection_id": "none"}, "connection_id"),
    ):
        form = {"target_url": f"{builder.url}/1/", **wrong}
        refused = await workshop.call("POST", "/v1/hooks", 422, json=form)
        assert refused["detail"].startswith(field)
    hook = await subscribed(workshop, builder, "/1/")
    path = f"/v1/hooks/{hook['id']}"
    assert (await workshop.client.get(path, headers=stranger.headers)).status_code == 404
    assert (await workshop.client.delete(path, headers=stranger.headers)).status_code == 204
    await workshop.call("GET", path)
    await workshop.call("POST", "/v1/hooks/none/test", 404)


async def test_a_target_that_is_gone_is_dropped_with_its_messages(
    workshop: Workshop, builder: Builder
) -> None:
    hook = await subscribed(workshop, builder, "/1/", goodbye=True)
    builder.answers["/1/"] = [410]
    await voiced(workshop)
    await workshop.call("GET", f"/v1/hooks/{hook['id']}", 404)
    counts = [await workshop.count(table) for table in (DeliveryAttempt, HookGoodbye)]
    assert [*counts, await workshop.count(Delivery, Delivery.status != ENDED)] == [0, 0, 0]


async def test_a_test_sends_the_newest_voiceover_or_a_sample_of_the_same_shape(
    workshop: Workshop, builder: Builder
) -> None:
    hook = await subscribed(workshop, builder, "/1/")
    await workshop.call("POST", f"/v1/hooks/{hook['id']}/test", 202)
    await workshop.settle()
    shown = await voiced(workshop)
    for _ in range(2):
        await workshop.call("POST", f"/v1/hooks/{hook['id']}/test", 202)
        await workshop.settle()
    sample, _, *tests = [one.document for one in builder.heard]
    assert list(sample) == list(shown)
    assert sample["engine"] == "sample"
    assert [one["id"] for one in tests] == [shown["id"]] * 2


async def test_a_test_is_what_the_hook_itself_would_hear(
    workshop: Workshop, builder: Builder, shop: ShopHere, connected: str
) -> None:
    for path, asked in (
        ("/failed/", {"events": ["generation.failed"]}),
        ("/clone/", {"mode": "clone"}),
        ("/shop/", {"connection_id": connected}),
    ):
        hook = await subscribed(workshop, builder, path, **asked)
        await workshop.call("POST", f"/v1/hooks/{hook['id']}/test", 202)
    await workshop.settle()
    (failed,), (clone,), (read,) = (
        [one.document for one in builder.at(path)] for path in ("/failed/", "/clone/", "/shop/")
    )
    assert (failed["status"], failed["error_code"], failed["output_url"], failed["credits_used"]) == (
        "failed",
        "nothing_to_speak",
        None,
        0.0,
    )
    assert (clone["status"], clone["mode"], read["connection_id"]) == ("completed", "clone", connected)
    workshop.failing.add("No.")
    shown = await voiced(workshop, "No.")
    await voiced(workshop)
    failed_hook = next(
        row["id"]
        for row in (await workshop.call("GET", "/v1/hooks"))["data"]
        if "failed" in row["target_url"]
    )
    await workshop.call("POST", f"/v1/hooks/{failed_hook}/test", 202)
    await workshop.settle()
    assert builder.at("/failed/")[-1].document["id"] == shown["id"]


async def test_previews_of_a_voice_and_tests_of_a_connection_start_no_scenario(
    workshop: Workshop, builder: Builder, shop: ShopHere, connected: str
) -> None:
    hook = await subscribed(workshop, builder, "/1/")
    form = {"voice_description": "warm", "text": "Hello.", "count": 1}
    await workshop.call("POST", "/v1/voices/design", 202, json=form)
    await workshop.call("POST", f"/v1/connections/{connected}/test", 202)
    await workshop.settle()
    assert await workshop.count(Generation, Generation.status == "completed") == 2
    assert builder.heard == []
    await workshop.call("POST", f"/v1/hooks/{hook['id']}/test", 202)
    await workshop.settle()
    assert builder.heard[0].document["engine"] == "sample"


async def test_an_app_that_is_disconnected_loses_its_hooks_and_is_told(
    workshop: Workshop, builder: Builder
) -> None:
    hub, account_id = workshop.hub, workshop.customer.account_id
    now = hub.now()
    async with hub.database.transaction() as session:
        app = await create_client(
            session, name="Zapier", redirect_uris=["https://zapier.com/return/"], now=now
        )
        session.add(
            OauthGrant(
                id="g", account_id=account_id, client_id=app.id, scopes=[], created_at=now, last_used_at=now
            )
        )
    for number, goodbye in enumerate((True, False)):
        asked = hooks.NewHook(f"{builder.url}/{number}/", goodbye=goodbye)
        await hooks.subscribe(hub, account_id, asked, app=app.id)
    await subscribed(workshop, builder, "/key/")
    assert await sweeping.sweep(hub) == 0
    async with hub.database.transaction() as session:
        (await session.get_one(OauthGrant, "g")).ended_at = now
    builder.answers["/0/"] = [503]
    assert await sweeping.sweep(hub) == 0
    assert await sweeping.sweep(hub) == 0  # not before its time
    workshop.clock.advance(3600)
    assert await sweeping.sweep(hub) == 1
    assert [(one.method, one.path) for one in builder.heard] == [("DELETE", "/0/")] * 2
    assert await workshop.count(HookGoodbye) == 0
    assert [row["target_url"] for row in (await workshop.call("GET", "/v1/hooks"))["data"]] == [
        f"{builder.url}/key/"
    ]


async def test_hooks_of_a_closed_account_say_goodbye(workshop: Workshop, builder: Builder) -> None:
    await subscribed(workshop, builder, "/1/", goodbye=True)
    await close_account(workshop.hub, workshop.customer.account_id)
    assert await workshop.count(HookSubscription) == 0
    assert await sweeping.sweep(workshop.hub) == 1
    assert [one.method for one in builder.heard] == ["DELETE"]


async def test_a_target_that_never_answers_is_told_goodbye_six_times(
    workshop: Workshop, builder: Builder
) -> None:
    hook = await subscribed(workshop, builder, "/1/", goodbye=True)
    builder.judge = lambda _: 503
    async with workshop.hub.database.transaction() as session:
        await hooks.end_hook(
            session,
            await hooks.find_hook(session, workshop.customer.account_id, hook["id"]),
            workshop.clock(),
        )
    for _ in range(8):
        assert await sweeping.sweep(workshop.hub) == 0
        workshop.clock.advance(7 * 24 * 3600)
    assert len(builder.heard) == 6
    assert await workshop.count(HookGoodbye) == 0


async def test_goodbyes_are_said_many_at_once_and_leave_the_sweeper_time_for_its_other_rounds(
    workshop: Workshop, builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(sweeping.AT_ONCE + 5):
        asked = hooks.NewHook(f"{builder.url}/{number}/", goodbye=True)
        await hooks.subscribe(workshop.hub, workshop.customer.account_id, asked)
    await close_account(workshop.hub, workshop.customer.account_id)
    builder.seconds = 0.5
    with monkeypatch.context() as patched:
        patched.setattr(sweeping, "ROUND_SECONDS", 0)
        assert await sweeping.sweep(workshop.hub) == 0
        assert builder.heard == []
    assert await sweeping.sweep(workshop.hub) == sweeping.AT_ONCE + 5
    assert 1 < builder.most <= sweeping.AT_ONCE


async def test_an_account_has_so_many_hooks_and_no_more(
    workshop: Workshop, builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "MOST_HOOKS", 1)
    await subscribed(workshop, builder, "/1/")
    await subscribed(workshop, builder, "/1/")
    form = {"target_url": f"{builder.url}/2/"}
    refused = await workshop.call("POST", "/v1/hooks", 409, json=form)
    assert "1 hooks already" in refused["detail"]


async def test_audio_that_is_not_there_yet_is_not_found(workshop: Workshop) -> None:
    made = await workshop.call("POST", "/v1/voiceovers", 202, json={"text": "Soon."})
    assert made["download_url"] is None
    await workshop.call("GET", f"/v1/voiceovers/{made['id']}/audio", 404)
    await workshop.call("GET", "/v1/voiceovers/none", 404)
    assert (await workshop.call("GET", "/v1/voiceovers?status=sung", 422))["detail"].startswith("status")


async def test_five_days_without_success_end_a_hook(workshop: Workshop, builder: Builder) -> None:
    await subscribed(workshop, builder, "/1/", goodbye=True)
    builder.judge = lambda one: 200 if one.method == "DELETE" else 500
    for _ in range(7):
        await voiced(workshop)
        workshop.clock.advance(24 * 3600)
    assert await workshop.count(HookSubscription) == 0
    with capture_logs() as logged:
        assert await sweeping.sweep(workshop.hub) == 1
        await sweeping.sweep(workshop.hub)
    (letter,) = [line for line in logged if line["event"] == "no_smtp_server_so_here_is_the_letter"]
    assert letter["to"] == "owner@example.com"
    assert "For five days it took no message." in letter["letter"]
    assert "/1/" not in letter["letter"], "the address is a secret"
    workshop.clock.advance(31 * 24 * 3600)
    await sweeping.sweep(workshop.hub)
    assert await workshop.count(Delivery, Delivery.status == ENDED) == 0
