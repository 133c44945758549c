"""The instant trigger: attached, told of each voiceover once, at Make's pace, and dropped by either side."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.make.errors import AppInvalid
from connectors.make.platform import Webhook
from connectors.make.simulator import LONGEST_QUEUE, MOST_IN_WINDOW, Simulator
from tests.hub.make.conftest import Maker
from tests.hub.make.test_modules import fitting

MOST_IN_A_SECOND = 30


async def watching(maker: Maker, **given: Any) -> Webhook:
    connection = await maker.connected()
    return await maker.platform.attached("voiceoverEvents", connection, maker.simulator.opened(), **given)


async def hooks(maker: Maker) -> list[dict[str, Any]]:
    listed = await maker.workshop.call("GET", "/v1/hooks")
    return list(listed["data"])


async def test_a_scenario_starts_once_for_each_voiceover_it_watches(maker: Maker) -> None:
    webhook = await watching(maker, mode="design")
    (hook,) = await hooks(maker)
    assert hook["id"] == webhook.data["externalHookId"]
    assert (hook["events"], hook["mode"]) == (["generation.completed", "generation.failed"], "design")
    (made,) = await maker.platform.run("createVoiceover", webhook.connection, text="Good morning.")
    maker.workshop.failing.add("No.")
    failed = await maker.workshop.call("POST", "/v1/voiceovers", 202, json={"text": "No."})
    await maker.workshop.settle()
    queue = maker.simulator.at(webhook.url).queue
    bundles = [
        bundle for one in queue for bundle in maker.platform.triggered("watchVoiceovers", webhook, one)
    ]
    assert [(one["id"], one["status"]) for one in bundles] == [
        (made["id"], "completed"),
        (failed["id"], "failed"),
    ]
    for bundle in bundles:
        fitting(maker, "watchVoiceovers", bundle)
    (got,) = await maker.platform.run("downloadVoiceover", webhook.connection, voiceoverId=bundles[0]["id"])
    assert got["data"]
    await maker.platform.updated(webhook, events=["generation.cancelled"])
    (changed,) = await hooks(maker)
    assert (changed["id"], changed["events"]) == (hook["id"], ["generation.cancelled"])
    await maker.platform.detached(webhook)
    assert await hooks(maker) == []
    await maker.platform.detached(webhook)
    with pytest.raises(AppInvalid, match="does not listen"):
        maker.platform.triggered("createVoiceover", webhook, {})


async def test_deliveries_keep_to_makes_pace(maker: Maker) -> None:
    webhook = await watching(maker)
    for _ in range(40):
        await maker.workshop.call("POST", f"/v1/hooks/{webhook.data['externalHookId']}/test", 202)
    await maker.workshop.settle()
    calls = list(maker.simulator.at(webhook.url).calls)
    assert len(calls) == 40
    assert all(later - earlier > 1 for earlier, later in zip(calls, calls[MOST_IN_A_SECOND:], strict=False))


async def test_a_webhook_deleted_at_make_is_dropped_here(maker: Maker) -> None:
    webhook = await watching(maker)
    maker.simulator.deleted(webhook.url)
    await maker.workshop.call("POST", "/v1/voiceovers", 202, json={"text": "Who hears?"})
    await maker.workshop.settle()
    assert await hooks(maker) == []


async def test_make_refuses_what_is_too_much(maker: Maker) -> None:
    now = [0.0]
    simulator = Simulator(maker.simulator.home, clock=lambda: now[0])
    maker.simulator.app.router.routes = simulator.app.router.routes
    url, post = simulator.opened(), maker.workshop.client.post
    assert (await post(url, content=b"{")).status_code == 400
    simulator.at(url).calls.extend([0.0] * (MOST_IN_WINDOW - 2))
    assert (await post(url, json={})).text == "Accepted"
    assert (await post(url, json={})).status_code == 429
    now[0] = 11.0
    simulator.at(url).queue.extend([{}] * (LONGEST_QUEUE - 1))
    assert (await post(url, json={})).text == "Queue is full"
