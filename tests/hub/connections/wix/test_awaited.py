"""An automation waits for its audio: it hears once that there is some, or once why there is none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.wix.simulator import SITE
from hub.connections import sweeping
from hub.store.connection_tables import Push
from hub.store.tables import Account, Generation
from tests.hub.connections.wix.conftest import Site


async def run(site: Site, text: str) -> str:
    """Our action runs in an automation; the token with which it waits."""
    request = site.simulator.automations.request({"text": text})
    answer = await site.ask("v1/invoke", request)
    assert answer.json()["invokeTimeoutType"] == "TIMEOUT_LENGTH"
    return str(request["activationContext"]["invocationToken"])


async def read(site: Site) -> None:
    """The events are read; nothing is spoken yet."""
    while site.workshop.queue.deliveries:
        await site.workshop.errand(site.workshop.queue.deliveries.pop(0))


async def settle_later(site: Site) -> None:
    """A day on, what is to be tried again has been."""
    site.workshop.clock.advance(timedelta(days=1).total_seconds())
    await sweeping.sweep(site.workshop.hub)
    await site.settle()


async def set_credits(site: Site, credits: int) -> None:
    async with site.workshop.hub.database.transaction() as session:
        (await session.get_one(Account, site.workshop.customer.account_id)).credits = credits


def told(site: Site, token: str) -> str:
    """Why there is no audio, as the automation's log shows it."""
    report = site.simulator.automations.reported[token]
    assert report["status"] == "FAILURE"
    return str(report["failureInfo"]["errorDescription"])


async def the_job(site: Site) -> str:
    found = await site.workshop.call("GET", "/v1/tts/generations?limit=1")
    return str(found["data"][0]["id"])


async def test_each_way_to_fail_is_told_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    automations, workshop = site.simulator.automations, site.workshop
    reports: list[Any] = []
    take = automations.report

    def heard(given: Any) -> dict[str, Any]:
        reports.append(given)
        return take(given)

    monkeypatch.setattr(automations, "report", heard)

    spoken = await run(site, "Hello.")
    await site.settle()
    assert automations.reported[spoken]["status"] == "SUCCESS"

    workshop.failing.add("Broken.")
    failed = await run(site, "Broken.")
    automations.failing = 2  # and Wix is too busy to hear it
    await site.settle()
    assert automations.reported.keys() == {spoken}
    await settle_later(site)
    await settle_later(site)
    assert told(site, failed) == "Sayhook could not speak this text. No."

    cancelled = await run(site, "Never mind.")
    await read(site)
    await workshop.call("POST", f"/v1/tts/generations/{await the_job(site)}/cancel")
    await site.settle()
    assert told(site, cancelled) == "The speaking was cancelled in Sayhook."

    erased = await run(site, "Forget it.")
    await read(site)
    await workshop.speak(workshop.queue.speech.pop(0))
    await workshop.call("DELETE", f"/v1/tts/generations/{await the_job(site)}", 204)
    await site.settle()
    assert told(site, erased) == "The audio was erased before it was put back."

    poor = await run(site, "Once more.")
    await set_credits(site, 0)
    await site.settle()
    assert told(site, poor).startswith("Insufficient credits")

    jobs = await workshop.count(Generation)
    await set_credits(site, 500)
    voice = {"name": "Ada", "voice_description": "a warm elderly woman"}
    made = await workshop.call("POST", "/v1/voices", 201, json=voice)
    await workshop.call(
        "PATCH", f"/v1/connections/{site.connection}", json={"options": {"voice": made["id"]}}
    )
    mute = [await run(site, "Whose voice?")]
    await workshop.call("DELETE", f"/v1/voices/{made['id']}", 204)
    mute.append(await run(site, "Whose voice is it?"))
    await site.settle()
    for token in mute:
        assert told(site, token).startswith("The saved voice of this connection is no longer there.")
    assert await workshop.count(Generation) == jobs

    # Each once but for the two that Wix did not take; and a second word would have been refused.
    assert len(reports) == 7 + 2
    assert automations.waiting == {}
    assert {push.status for push in await workshop.pushes()} == {"pushed"}
    assert (await workshop.record(site.connection)).pushed == 1


async def test_what_has_waited_its_hour_is_not_spoken(site: Site) -> None:
    """The events of a paused connection are kept; nobody pays for audio that nobody waits for."""
    workshop = site.workshop
    late = await run(site, "Too late.")
    await workshop.call("POST", f"/v1/connections/{site.connection}/pause")
    await site.settle()
    workshop.clock.advance(timedelta(minutes=61).total_seconds())
    await workshop.call("POST", f"/v1/connections/{site.connection}/resume")
    await site.settle()
    assert late in site.simulator.automations.waiting
    assert await site.sentences() == ["Who asked for it waited in vain and waits no longer."]
    assert (await workshop.count(Generation), await workshop.count(Push)) == (0, 0)


async def test_nobody_is_told_when_the_app_is_off_the_site(site: Site) -> None:
    """After it is there again Wix is asked once, and that nobody waits any more is no fault."""
    workshop, automations = site.workshop, site.simulator.automations
    workshop.failing.add("Broken.")
    await run(site, "Broken.")
    await read(site)
    site.simulator.remove_app()
    await site.settle()
    await settle_later(site)
    assert automations.reported == {}
    assert (await workshop.record(site.connection)).status == "broken"
    assert await workshop.count(Push, Push.status == "waiting", Push.attempts == 0) == 1

    automations.waiting.clear()  # its patience is over
    site.simulator.oauth.sites[site.simulator.instance] = SITE
    await site.install()
    await site.settle()
    assert automations.reported == {}
    assert [push.status for push in await workshop.pushes()] == ["pushed"]
