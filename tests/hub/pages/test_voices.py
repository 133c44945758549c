"""Keeping voices: designed side by side, described, cloned with consent; hearing and deleting them."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette

from hub.hub import Hub
from hub.jobs import preview_id
from hub.voices import sweep
from hub.voices.deleted import UNDO_FOR
from tests.hub.api.conftest import finished
from tests.hub.api.recordings import wav
from tests.hub.conftest import Clock
from tests.hub.pages.conftest import Browser, new_browser, sign_up
from tests.hub.pages.test_playground import balance, generation_id, refused

CONSENT = "I am the speaker in this recording and agree to have my voice cloned. Ada"


async def save_clone(browser: Browser, **changed: str) -> str:
    await browser.open("/voices")
    clone = browser.page.css_first('input[name="kind"][value="clone"]')
    assert clone is not None
    csrf = browser.value('form[action="/voices"] input[name="csrf"]')
    sent = {"kind": "clone", "csrf": csrf, "name": "Me", "consent": CONSENT, "agreed": "1", **changed}
    files = {"voice_ref": ("me.wav", wav())} if "voice_ref" not in changed else None
    browser.answer = await browser.client.post("/voices", data=sent, files=files)
    return browser.text


async def test_takes_of_one_description_for_one_price(inside: Browser, hub: Hub) -> None:
    await inside.open("/voices")
    await inside.send("/voices/previews", voice_description="A hoarse old sailor", count="2")
    assert inside.path.startswith("/voices/previews/")
    page = inside.path
    assert inside.text.count("waiting") == 2
    await inside.open("/generations")
    takes = [(link.attributes["href"] or "").split("/")[2] for link in inside.page.css(".said a")]
    assert len(takes) == 2
    for take in takes:
        await finished(hub, take)
    await inside.open(page)
    assert 'http-equiv="refresh"' not in inside.answer.text
    assert len(inside.page.css("[data-play]")) == 2
    await inside.send("/voices", name="Sailor")
    assert "Saved Sailor." in inside.text
    assert inside.page.css_first(".card [data-play]") is not None, (
        "heard as it was in its preview, for nothing"
    )
    assert await balance(inside) == "450"
    await inside.open("/voices/previews/7a9cfd3e-1f5c-4a2f-9a53-0d4b1f0a7d11")
    assert inside.answer.status_code == 404


async def test_takes_share_one_price_and_say_so(inside: Browser, hub: Hub) -> None:
    await inside.open("/voices")
    await inside.send("/voices/previews", voice_description="A hoarse old sailor", count="2")
    leader = inside.path.split("/")[3]
    other = preview_id(leader, 1)
    assert "50 credits are held for all its takes together" in await inside.open(f"/generations/{other}")
    await inside.open(f"/generations/{leader}")
    await inside.send(f"/generations/{leader}/cancel")
    assert "Cancelled. Its price stays held for the other takes." in inside.text
    await inside.open(f"/generations/{other}")
    await inside.send(f"/generations/{other}/cancel")
    assert "Cancelled. 50 credits are back in your balance." in inside.text
    assert "Try again (50 credits)" in inside.text, "a take alone costs what any request costs"
    assert await balance(inside) == "500"


async def test_a_described_voice_is_kept_sampled_and_deleted(inside: Browser, hub: Hub) -> None:
    await inside.open("/voices?voice_description=A+calm+woman&seed=7")
    await inside.send("/voices", name="Narrator")
    card = inside.page.css_first(".card")
    assert card is not None
    assert "Narrator" in card.text()
    assert card.css_first("[data-play]") is None
    sample = inside.attribute('form[action$="/sample"]', "action")
    await inside.send(sample)
    await finished(hub, generation_id(inside))
    await inside.open("/playground?voice=saved&voice_id=" + sample.split("/")[2])
    assert "Narrator (designed)" in inside.text
    await inside.send("/playground", text="Hello.", voice="saved")
    await inside.open(f"/playground?again={generation_id(inside)}")
    again = inside.filled("/playground")
    assert (again["voice"], again["voice_id"]) == ("saved", sample.split("/")[2])
    await inside.open("/voices")
    assert inside.page.css_first(".card [data-play]") is not None
    await inside.send(sample.replace("/sample", "/delete"))
    assert "Deleted Narrator." in inside.text
    assert inside.page.css(".card") == []


async def deleted(browser: Browser, **changed: str) -> str:
    """A clone that was just deleted; the beginning of its address."""
    assert "Saved Me." in await save_clone(browser, **changed)
    delete = browser.attribute('.card form[action$="/delete"]', "action")
    await browser.send(delete)
    return delete.removesuffix("/delete")


async def test_a_deletion_is_taken_back_within_a_day(
    inside: Browser, app: Starlette, hub: Hub, clock: Clock, tmp_path: Path
) -> None:
    voice = await deleted(inside)
    assert "in 1 day" in inside.text
    assert (await inside.client.get(f"{voice}/recording")).status_code == 404
    await inside.open("/playground")
    assert "Me (cloned)" not in inside.text
    stranger = new_browser(app)
    await sign_up(stranger, "other@example.com")
    for act in ("restore", "erase"):
        form = {"csrf": stranger.value("[name=csrf]")}
        assert (await stranger.client.post(f"{voice}/{act}", data=form)).status_code == 404

    await inside.open("/voices")
    assert "Me is back." in await inside.send(f"{voice}/restore")
    assert (await inside.client.get(f"{voice}/recording")).content == wav()
    await inside.send(f"{voice}/delete")
    clock.advance(UNDO_FOR.total_seconds() - 1)
    assert await sweep(hub) == 0
    clock.advance(1)
    await inside.send(f"{voice}/restore")
    assert inside.answer.status_code == 404, "its day is over, swept or not"
    assert await sweep(hub) == 1
    assert not list((tmp_path / "audio" / "voices").glob("*"))


async def test_a_deleted_voice_is_erased_at_once_on_demand_or_for_its_name_or_its_room(
    inside: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def recordings() -> int:
        return len(list((tmp_path / "audio" / "voices").glob("*")))

    voice = await deleted(inside)
    assert "gone for good" in await inside.send(f"{voice}/erase")
    assert recordings() == 0
    await deleted(inside)
    again = await deleted(inside)
    assert recordings() == 1, "the new one of that name has taken its place"
    monkeypatch.setattr("hub.voices.saved.MOST_VOICES", 1)
    await save_clone(inside, name="Other")
    await inside.open("/voices")
    assert again not in inside.answer.text
    assert recordings() == 1


async def test_a_clone_is_kept_with_its_consent_and_heard_by_its_owner_only(
    inside: Browser, app: Starlette
) -> None:
    assert "Saved Me." in await save_clone(inside)
    assert CONSENT in inside.text
    recording = inside.attribute(".card audio", "src")
    heard = await inside.client.get(recording)
    assert (heard.content, heard.headers["content-type"]) == (wav(), "audio/wav")
    stranger = new_browser(app)
    await sign_up(stranger, "other@example.com")
    await stranger.open(recording)
    assert stranger.answer.status_code == 404
    await save_clone(inside)
    assert "exists already" in refused(inside, "c-name")


REFUSALS: tuple[tuple[dict[str, str], str, str], ...] = (
    ({"agreed": ""}, "c-consent", "Tick the box"),
    ({"consent": "yes"}, "c-consent", "Must be a text"),
    ({"voice_ref": ""}, "c-ref", "at least 5 seconds"),
    ({"name": ""}, "c-name", "Must be a text of 1 to 100"),
    ({"kind": "design", "voice_description": "x", "seed": "many", "voice_ref": ""}, "d-seed", "Must be"),
)


async def test_refusals_stand_at_their_field(inside: Browser) -> None:
    for changed, field, says in REFUSALS:
        await save_clone(inside, **changed)
        assert inside.answer.status_code == 422
        assert says in refused(inside, field)


async def test_what_previews_refuse_and_what_is_not_there(inside: Browser) -> None:
    await inside.open("/voices")
    await inside.send("/voices/previews", voice_description="A calm woman", text="(cheerful)")
    assert "Text cannot be empty" in refused(inside, "p-text")
    for path in ("/voices/previews/nothing", "/voices/nothing/recording"):
        await inside.open(path)
        assert inside.answer.status_code == 404
