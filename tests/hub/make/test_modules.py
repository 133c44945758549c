"""Every module and list of the Make app, as installed, run against the hub."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import soundfile

from connectors.make.errors import RETRIED, STOPPING, AppInvalid, MakeError
from connectors.make.iml.values import jsonable
from connectors.make.platform import Connected
from connectors.make.runner import World
from hub.store.tables import Account, Generation
from tests.hub.api.recordings import wav
from tests.hub.make.conftest import KEY, Maker


def fitting(maker: Maker, module: str, bundle: dict[str, Any]) -> dict[str, Any]:
    """The bundle, once its keys are seen to be those of the module's interface, of its types."""
    compare(bundle, maker.platform.app.component("module", module).interface)
    return bundle


def compare(bundle: dict[str, Any], interface: list[dict[str, Any]]) -> None:
    assert list(bundle) == [field["name"] for field in interface]
    kinds: dict[str, tuple[type, ...]] = {
        "number": (int, float),
        "uinteger": (int,),
        "collection": (dict,),
        "buffer": (bytes,),
    }
    for field in interface:
        value = bundle[field["name"]]
        if value is not None and field["type"] != "any":
            assert isinstance(value, kinds.get(field["type"], (str,))), field["name"]
        if "spec" in field:
            compare(value, field["spec"])


async def test_a_voiceover_is_made_waited_for_found_again_and_downloaded(maker: Maker) -> None:
    connection = await maker.connected()
    run = maker.platform.run
    asked = {
        "text": "Good morning.",
        "voiceDescription": "A calm woman",
        "format": "mp3",
        "seed": 7,
        "metadata": [{"key": "product", "value": "A-1042"}],
        "idempotencyKey": "A-1042",
    }
    (made,) = await run("createVoiceover", connection, **asked)
    fitting(maker, "createVoiceover", made)
    assert (made["status"], made["seed"], made["metadata"]) == ("completed", 7, {"product": "A-1042"})
    assert made["credits_remaining"] == 100_500 - made["credits_used"]
    (again,) = await run("createVoiceover", connection, **asked)
    assert again["id"] == made["id"], "the same key is the same voiceover"
    (found,) = await run("getVoiceover", connection, voiceoverId=made["id"])
    assert fitting(maker, "getVoiceover", found)["id"] == made["id"]
    (file,) = await run("downloadVoiceover", connection, voiceoverId=made["id"])
    fitting(maker, "downloadVoiceover", file)
    assert file["fileName"] == f"{made['id']}.mp3"
    assert file["contentType"] == "audio/mpeg"
    assert soundfile.info(io.BytesIO(file["data"])).frames
    assert file["data"] == (await maker.workshop.client.get(made["output_url"])).content


async def test_who_does_not_wait_gets_what_there_is(maker: Maker) -> None:
    connection = await maker.connected()
    (made,) = await maker.platform.run("createVoiceover", connection, text="Later.", wait=False)
    assert fitting(maker, "createVoiceover", made)["status"] == "queued"
    with pytest.raises(MakeError, match=r"has no audio: it is queued") as refused:
        await maker.platform.run("downloadVoiceover", connection, voiceoverId=made["id"])
    assert refused.value.kind == "DataError"
    naps = []

    async def sleep(seconds: float) -> None:
        naps.append(seconds)
        maker.workshop.clock.advance(seconds * 20)

    world = maker.platform.world
    idle = replace(maker.platform, world=World(world.client, world.clock, sleep))
    (made,) = await idle.run("createVoiceover", connection, text="Nobody speaks.")
    assert fitting(maker, "createVoiceover", made)["status"] == "queued"
    assert naps == [2.0] * 6, "four minutes of this clock"


async def test_a_recording_is_cloned_and_a_chapter_is_one_file(maker: Maker) -> None:
    connection = await maker.platform.keyed(KEY, apiKey=maker.workshop.customer.key)
    assert connection.metadata == {"type": "email", "value": "owner@example.com"}
    (made,) = await maker.platform.run(
        "cloneVoiceAndSpeak",
        connection,
        text="This is my voice.",
        fileName="me.wav",
        data=wav(),
        transcript="Grüße",
        cfgValue=2.5,
        timesteps=5,
        metadata=[{"key": "row", "value": "7"}],
    )
    fitting(maker, "cloneVoiceAndSpeak", made)
    assert (made["mode"], made["status"], made["metadata"]) == ("clone", "completed", {"row": "7"})
    text = "# One\n\n" + "It was calm that morning. " * 30 + "\n\n# Two\n\nNobody spoke."
    (made,) = await maker.platform.run(
        "createLongVoiceover", connection, text=text, textKind="markdown", wait=True
    )
    fitting(maker, "createLongVoiceover", made)
    assert made["status"] == "completed"
    assert made["credits_used"] > 100, "it is charged for each part"
    assert made["srt_url"]


async def test_lists_come_page_by_page_up_to_the_limit(maker: Maker) -> None:
    workshop, connection = maker.workshop, await maker.connected()
    (made,) = await maker.platform.run("createVoiceover", connection, text="The first.")
    async with workshop.hub.database.transaction() as session:
        first = await session.get_one(Generation, made["id"])
        kept = {column.name: getattr(first, column.name) for column in Generation.__table__.columns}
        session.add_all(
            Generation(**{**kept, "id": str(uuid4()), "created_at": first.created_at - timedelta(seconds=n)})
            for n in range(1, 150)
        )
    found = await maker.platform.run(
        "listVoiceovers", connection, limit=130, status="completed", mode="design"
    )
    assert len({fitting(maker, "listVoiceovers", one)["id"] for one in found}) == 130
    assert found[0]["id"] == made["id"]
    assert len(await maker.platform.run("listVoiceovers", connection)) == 10
    assert await maker.platform.run("listVoiceovers", connection, text="no such words") == []
    with pytest.raises(MakeError, match="out of bounds"):
        await maker.platform.run("listVoiceovers", connection, limit=0)


async def test_voices_languages_and_the_balance(maker: Maker) -> None:
    connection = await maker.connected()
    for name in ("Narrator", "Anna"):
        await maker.workshop.call(
            "POST", "/v1/voices", 201, json={"name": name, "voice_description": "warm woman"}
        )
    found = await maker.platform.run("listVoices", connection, name="narr")
    assert [fitting(maker, "listVoices", one)["name"] for one in found] == ["Narrator"]
    assert len(await maker.platform.run("listVoices", connection, limit=1)) == 1
    offered = await maker.platform.options("rpc://listVoices", connection)
    assert {"label": "Narrator", "value": found[0]["id"]} in offered
    languages = await maker.platform.options("rpc://listLanguages", connection)
    assert {"label": "German (Deutsch)", "value": "de"} in languages
    assert len(languages) >= 31
    (made,) = await maker.platform.run(
        "createVoiceover", connection, text="Hallo.", language="de", voiceId=found[0]["id"], wait=False
    )
    assert (made["language"], made["voice_id"]) == ("de", found[0]["id"])
    (account,) = await maker.platform.run("getCreditBalance", connection)
    assert fitting(maker, "getCreditBalance", account)["credits"] == made["credits_remaining"]


async def test_any_other_call_can_be_made(maker: Maker) -> None:
    connection = await maker.connected()
    (got,) = await maker.platform.run(
        "makeApiCall", connection, url="/v1/voiceovers", qs=[{"key": "limit", "value": "1"}]
    )
    fitting(maker, "makeApiCall", got)
    assert (got["statusCode"], got["body"]) == (200, {"data": [], "next_cursor": None})
    body = '{"text": "Hello.", "format": "wav"}'
    (got,) = await maker.platform.run(
        "makeApiCall", connection, url="v1/tts/estimate", method="POST", body=body
    )
    assert got["body"]["price"] == 50


async def raised(maker: Maker, module: str, connection: Connected, **given: Any) -> MakeError:
    with pytest.raises(MakeError) as refused:
        await maker.platform.run(module, connection, **given)
    return refused.value


async def test_refusals_have_the_kind_that_makes_make_do_the_right_thing(maker: Maker) -> None:
    workshop, connection = maker.workshop, await maker.connected()

    async def kind(module: str = "createVoiceover", **given: Any) -> str:
        error = await raised(maker, module, connection, **given)
        assert error.message.startswith(f"[{error.status}] ")
        return f"{error.status} {error.kind}"

    assert await kind(text=" ") == "400 DataError"
    assert await kind(text="Hi.", language="xx") == "422 DataError"
    assert await kind("getVoiceover", voiceoverId="../account") == "404 DataError"
    await maker.platform.run("createVoiceover", connection, text="One.", wait=False, idempotencyKey="k")
    assert await kind(text="Two.", idempotencyKey="k") == "409 DuplicateDataError"
    too_narrow = Connected(KEY, {"apiKey": "shk_unknown"})
    stopped = await raised(maker, "getCreditBalance", too_narrow)
    assert (stopped.status, stopped.kind) == (401, "InvalidAccessTokenError")
    assert stopped.kind in STOPPING
    full = workshop.hub.settings.model_copy(update={"queue_limit": 1})
    object.__setattr__(workshop.hub, "settings", full)
    assert await kind(text="No room.") == "503 ConnectionError"
    await workshop.settle()
    await _change_account(maker, credits=10)
    poor = await raised(maker, "createVoiceover", connection, text="Too dear.")
    assert (poor.status, poor.kind) == (402, "RuntimeError")
    assert "Insufficient credits" in poor.message
    await _change_account(maker, requests_per_minute=1)
    await maker.platform.run("getCreditBalance", connection)
    busy = await raised(maker, "getCreditBalance", connection)
    assert (busy.status, busy.kind) == (429, "RateLimitError")
    assert busy.kind in RETRIED


async def test_a_text_that_cannot_be_spoken_is_an_error_with_its_reason(maker: Maker) -> None:
    maker.workshop.failing.add("Unspeakable.")
    connection = await maker.connected()
    failed = await raised(maker, "createVoiceover", connection, text="Unspeakable.")
    assert (failed.kind, failed.message) == ("DataError", "No.")


async def test_a_form_that_is_filled_in_wrongly_sends_nothing(maker: Maker) -> None:
    connection = await maker.platform.keyed(KEY, apiKey=maker.workshop.customer.key)
    before = len(maker.log)
    for given in ({}, {"text": "Hi.", "tone": "x"}, {"text": 7}, {"text": "Hi.", "format": "aiff"}):
        assert (await raised(maker, "createVoiceover", connection, **given)).kind == "DataError"
    with pytest.raises(AppInvalid, match="started by its webhook"):
        await maker.platform.run("watchVoiceovers", connection)
    with pytest.raises(AppInvalid, match="takes no connection other"):
        await maker.platform.run("getCreditBalance", Connected("other"))
    assert len(maker.log) == before


async def test_the_log_holds_no_secret(maker: Maker) -> None:
    connection = await maker.connected()
    webhook = await maker.platform.attached("voiceoverEvents", connection, maker.simulator.opened())
    await maker.platform.run("getCreditBalance", connection)
    connection.data["expires"] = maker.workshop.hub.now()
    old = dict(connection.data)
    await maker.platform.refreshed(connection)
    written = str([jsonable(line) for line in maker.log])
    secrets = [value for data in (old, connection.data) for value in data.values() if isinstance(value, str)]
    assert len(secrets) == 4
    assert not [secret for secret in [*secrets, webhook.url, "whsec_", *_client(maker)] if secret in written]
    assert len(maker.log) == 5


def _client(maker: Maker) -> list[str]:
    return [str(maker.platform.common["clientSecret"])]


async def _change_account(maker: Maker, **values: Any) -> None:
    async with maker.workshop.hub.database.transaction() as session:
        account = await session.get_one(Account, maker.workshop.customer.account_id)
        for name, value in values.items():
            setattr(account, name, value)
