"""Zaps from end to end: triggers, paused steps, searches, files and errors, over the real hub."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from connectors.builders import builders
from hub.api.schemas.voiceovers import Voiceover
from hub.hub import Hub
from hub.oauth.connections import end_connection
from hub.store.hook_tables import HookSubscription
from hub.store.oauth_tables import OauthGrant
from hub.store.tables import Account, GenerationPart
from hub.subscriptions import sweeping
from tests.connectors.zapier.conftest import QUEUE_LIMIT, World
from tests.connectors.zapier.platform import StepFailed, told_by
from tests.hub.api.recordings import wav

FIXTURES = builders()["zapier"].folder / "fixtures"

pytestmark = pytest.mark.asyncio(loop_scope="module")

DESCRIBED = "creates.voiceover_from_description.operation"
SAMPLED = "creates.voiceover_from_sample.operation"
LONG = "creates.long_voiceover.operation"
SAVE = "creates.save_voice.operation.perform"
GENERATED = "triggers.voice_generated.operation"


async def test_the_app_finds_nothing_to_mend_in_itself(app_folder: Path) -> None:
    done = await asyncio.to_thread(
        subprocess.run, ["npm", "test"], cwd=app_folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout


async def test_the_hub_names_what_the_app_has(world: World) -> None:
    manifest = builders()["zapier"].manifest
    named = (await world.app.ask({"command": "app"}))["results"]
    shown = [
        {label: said["description"] for label, said in part.items() if not said.get("hidden")}
        for part in named
    ]
    assert shown == [manifest.triggers, manifest.actions, manifest.searches]


@pytest.mark.parametrize("fixture", sorted(FIXTURES.glob("*.json")), ids=lambda path: path.stem)
async def test_what_the_hub_sends_is_what_the_app_expects(world: World, fixture: Path) -> None:
    told = json.loads(fixture.read_text("utf-8"))
    assert list(told["payload"]) == list(Voiceover.model_fields)
    Voiceover.model_validate(told["payload"])
    heard = {"cleanedRequest": told["payload"], "rawRequest": {"headers": {}, "content": ""}}
    if told["outcome"] == "starts":
        (started,) = await world.app.run(f"{GENERATED}.perform", **heard)
        assert started["id"] == told["payload"]["id"]
        return
    resumed = world.app.run(f"{DESCRIBED}.performResume", outputData={"status": "queued"}, **heard)
    if told["outcome"] == "goes on":
        assert (await resumed)["metadata"] == {"order": "A-1042"}
        return
    with pytest.raises(StepFailed) as ended:
        await resumed
    assert ended.value.name == {"fails": "AppError", "halts": "HaltedError"}[told["outcome"]]


async def test_a_zap_hears_of_a_voiceover_and_is_switched_off(world: World) -> None:
    zap = world.zapier.new_zap()
    filtered: dict[str, Any] = {"inputData": {"mode": "design", "voice_id": ""}}
    hook = await world.app.run(f"{GENERATED}.performSubscribe", targetUrl=zap.url, **filtered)
    step = world.zapier.new_step()
    given = {"text": "Good morning.", "metadata": {"order": "A-1"}}
    paused = await world.app.step(f"{DESCRIBED}.perform", callback_url=step.url, inputData=given)
    assert paused.paused
    assert paused.results["status"] == "queued"
    await world.workshop.settle()

    (told,) = zap.calls
    bundle = {**told_by(told), "subscribeData": hook, **filtered}
    (live,) = await world.app.run(f"{GENERATED}.perform", **bundle)
    listed = await world.app.run(f"{GENERATED}.performList", **filtered)
    assert [list(one) for one in listed] == [list(live)] * len(listed)
    assert (live["status"], live["metadata"]) == ("completed", {"order": "A-1"})
    forged = {**bundle, "rawRequest": {**bundle["rawRequest"], "content": told.content + " "}}
    assert await world.app.run(f"{GENERATED}.perform", **forged) == []

    await _resumes(world, paused.results, step)
    for _ in range(2):
        await world.app.run(f"{GENERATED}.performUnsubscribe", targetUrl=zap.url, subscribeData=hook)
    await world.workshop.call("GET", f"/v1/hooks/{hook['id']}", 404)


async def _resumes(world: World, output: dict[str, Any], step: Any) -> None:
    (call,) = step.calls
    resumed = await world.app.run(f"{DESCRIBED}.performResume", outputData=output, **told_by(call))
    assert (resumed["status"], resumed["id"]) == ("completed", output["id"])
    assert resumed["audio_file"].startswith("hydrate|||")
    wanted = json.loads(resumed["audio_file"].split("|||")[1])
    assert wanted["bundle"] == {"id": output["id"]}
    stored = await world.app.run(wanted["method"], inputData=wanted["bundle"])
    _, content = world.zapier.files[stored.removeprefix(f"{world.zapier.home}/s3/")]
    audio = await world.workshop.client.get(resumed["output_url"])
    assert content == audio.content


async def test_a_text_that_fails_fails_its_step_and_starts_the_other_trigger(world: World) -> None:
    zap, step = world.zapier.new_zap(), world.zapier.new_step()
    world.workshop.failing.add("Nothing here.")
    failed = "triggers.voice_failed.operation"
    hook = await world.app.run(f"{failed}.performSubscribe", targetUrl=zap.url)
    paused = await world.app.step(
        f"{DESCRIBED}.perform", callback_url=step.url, inputData={"text": "Nothing here."}
    )
    await world.workshop.settle()
    with pytest.raises(StepFailed) as broken:
        await world.app.run(f"{DESCRIBED}.performResume", outputData=paused.results, **told_by(step.calls[0]))
    assert broken.value.told == {"message": "No.", "code": "engine_failed", "status": 422}
    (live,) = await world.app.run(f"{failed}.perform", subscribeData=hook, **told_by(zap.calls[0]))
    assert (live["error_code"], live["audio_file"]) == ("engine_failed", None)
    (listed, *_) = await world.app.run(f"{failed}.performList")
    assert list(listed) == list(live)
    await world.app.run(f"{failed}.performUnsubscribe", subscribeData=hook)


async def test_a_run_that_is_repeated_is_paid_for_once(world: World) -> None:
    step = world.zapier.new_step()
    given = {"text": "Once and no more.", "format": "wav"}
    first, again = [
        (await world.app.step(f"{DESCRIBED}.perform", callback_url=step.url, inputData=given)).results
        for _ in range(2)
    ]
    assert first["id"] == again["id"]
    await world.workshop.settle()
    assert len(step.calls) == 1


async def test_the_editor_waits_and_shows_the_real_audio(world: World) -> None:
    meta = {"isLoadingSample": True}
    asked = asyncio.create_task(
        world.app.step(f"{DESCRIBED}.perform", inputData={"text": "In the editor."}, meta=meta)
    )
    while not asked.done():
        await world.workshop.settle()
        await asyncio.sleep(0.1)
    done = asked.result()
    assert (done.paused, done.results["status"]) == (False, "completed")


async def test_a_step_that_does_not_wait_goes_on_at_once(world: World) -> None:
    done = await world.app.step(
        f"{DESCRIBED}.perform", inputData={"text": "Later.", "wait": False}, callback_url="http://x/"
    )
    assert (done.paused, done.results["status"]) == (False, "queued")
    await world.workshop.settle()


async def test_a_sample_and_a_book_travel_as_files(world: World) -> None:
    url = world.zapier.put_file("voice.wav", wav())
    step = world.zapier.new_step()
    given = {"text": "In your voice.", "voice_ref": url, "cfg_value": 2.5, "metadata": {"row": 7}}
    paused = await world.app.step(f"{SAMPLED}.perform", callback_url=step.url, inputData=given)
    assert (paused.results["mode"], paused.results["credits_used"]) == ("clone", 100)
    assert paused.results["metadata"] == {"row": 7}
    book = world.zapier.put_file(
        "chapter.md", b"# One\n\nIt was calm.\n\n# Two\n\nNobody spoke.", "text/markdown"
    )
    long_step = world.zapier.new_step()
    long = await world.app.step(f"{LONG}.perform", callback_url=long_step.url, inputData={"file": book})
    assert long.paused
    async with world.workshop.hub.database.reading() as session:
        headings = select(GenerationPart.heading).order_by(GenerationPart.position)
        found = [heading for heading in await session.scalars(headings) if heading]
    assert found == ["One", "Two"], "it is Markdown by its name"
    await world.workshop.settle()
    assert step.calls[0].body["status"] == "completed"
    assert long_step.calls[0].body["status"] == "completed"
    with pytest.raises(StepFailed) as empty:
        await world.app.run(f"{LONG}.perform", inputData={})
    assert empty.value.told["code"] == "text_empty"


async def test_voices_are_saved_found_and_offered(world: World) -> None:
    find = "searches.find_voice.operation.perform"
    assert await world.app.run(find, inputData={"name": "Narrator"}) == []
    saved = await world.app.run(
        SAVE, inputData={"name": "Narrator", "voice_description": "old man", "seed": 7}
    )
    url = world.zapier.put_file("me.wav", wav())
    consent = "I am heard here and agree to be cloned."
    cloned = await world.app.run(SAVE, inputData={"name": "Me", "voice_ref": url, "consent": consent})
    assert [one["id"] for one in await world.app.run(find, inputData={"name": " narrator"})] == [saved["id"]]
    voices = await world.app.run("triggers.voice_list.operation.perform")
    assert {"id": cloned["id"], "name": "Me"} in voices
    languages = await world.app.run("triggers.language_list.operation.perform")
    assert languages[0]["id"] == "auto"
    assert {"id": "de", "name": "German"} in languages
    assert await world.app.run("triggers.connection_list.operation.perform") == []
    with pytest.raises(StepFailed) as twice:
        await world.app.run(SAVE, inputData={"name": "Narrator", "voice_description": "again"})
    assert twice.value.told["status"] == 409


async def test_voiceovers_are_found_by_id_and_by_words(world: World) -> None:
    find = "searches.find_voiceover.operation.perform"
    made = (await world.app.run(f"{DESCRIBED}.perform", inputData={"text": "Blue whale.", "wait": False}))[
        "id"
    ]
    await world.workshop.settle()
    for asked in ({"voiceover": f" {made} "}, {"text": "blue whale", "status": "completed"}):
        (found,) = await world.app.run(find, inputData=asked)
        assert (found["id"], found["status"]) == (made, "completed")
    for asked in ({"voiceover": "none"}, {"text": "green whale"}):
        assert await world.app.run(find, inputData=asked) == []
    with pytest.raises(StepFailed) as nothing:
        await world.app.run(find, inputData={})
    assert nothing.value.told["code"] == "nothing_asked"


async def test_what_the_hub_refuses_is_told_in_its_words(world: World) -> None:
    async def refused(**given: Any) -> StepFailed:
        with pytest.raises(StepFailed) as caught:
            await world.app.run(f"{DESCRIBED}.perform", inputData={"text": "Hello.", "wait": False, **given})
        return caught.value

    wrong = await refused(language="xx")
    assert wrong.told["status"] == 422
    assert wrong.told["message"].startswith("language: must be one of")
    account_id, hub = world.workshop.customer.account_id, world.workshop.hub
    await _change(hub, account_id, credits=10)
    poor = await refused()
    assert poor.told["code"] == "insufficient_credits"
    assert "costs 50 and 10 are left" in poor.told["message"]
    await _change(hub, account_id, credits=100_000)
    for _ in range(QUEUE_LIMIT):
        await world.workshop.call("POST", "/v1/voiceovers", 202, json={"text": "One of many."})
    busy = await refused()
    assert busy.name == "ThrottledError"
    assert json.loads(busy.message)["delay"] > 0
    await world.workshop.settle()
    await _change(hub, account_id, requests_per_minute=1)
    await refused(language="xx")
    fast = await refused()
    assert fast.name == "ThrottledError"
    assert 0 < json.loads(fast.message)["delay"] <= 60
    await _change(hub, account_id, requests_per_minute=None)


async def _change(hub: Hub, account_id: str, **values: Any) -> None:
    async with hub.database.transaction() as session:
        await session.execute(update(Account).where(Account.id == account_id).values(**values))


async def test_disconnecting_the_app_pauses_its_zaps(world: World) -> None:
    zap = world.zapier.new_zap()
    await world.app.run(f"{GENERATED}.performSubscribe", targetUrl=zap.url)
    hub = world.workshop.hub
    async with hub.database.transaction() as session:
        for grant in await session.scalars(select(OauthGrant.id)):
            await end_connection(session, grant, now=hub.now())
    assert await sweeping.sweep(hub) == 1
    assert not zap.live
    assert await world.workshop.count(HookSubscription) == 0
