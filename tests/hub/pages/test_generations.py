"""The list of generations and what can be done with one."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette

from hub.hub import Hub
from tests.hub.api.conftest import finished
from tests.hub.conftest import Clock
from tests.hub.pages.conftest import Browser, new_browser, sign_up
from tests.hub.pages.test_playground import generation_id


async def spoken(browser: Browser, text: str, **fields: Any) -> str:
    await browser.open("/playground")
    await browser.send("/playground", text=text, format="wav", **fields)
    return generation_id(browser)


async def listed(browser: Browser, query: str = "") -> list[str]:
    await browser.open(f"/generations{query}")
    return [link.text() for link in browser.page.css(".said a")]


async def test_the_list_is_searched_filtered_and_paged(
    inside: Browser, hub: Hub, app: Starlette, clock: Clock
) -> None:
    assert "Nothing spoken yet" in await inside.open("/generations")
    key = (await inside.client.get("/v1/account")).status_code
    assert key == 401, "a cookie is no key to the API"
    done = await spoken(inside, "An order was paid & packed.")
    await finished(hub, done)
    clock.advance(1)
    await spoken(inside, "A parcel " + "is on its way " * 20)
    assert await listed(inside) == [
        "A parcel" + " is on its way" * 7 + " is on its wa…",
        "An order was paid & packed.",
    ]
    assert await listed(inside, "?text=ORDER") == ["An order was paid & packed."]
    assert await listed(inside, "?status=completed&mode=design&source=dashboard&text=") == [
        "An order was paid & packed."
    ]
    assert await listed(inside, "?mode=clone") == []
    assert "Nothing fits that search" in inside.text
    await inside.open("/generations?status=sleeping")
    assert inside.answer.status_code == 422
    stranger = new_browser(app)
    await sign_up(stranger, "other@example.com")
    assert await listed(stranger) == []
    for path in (f"/generations/{done}", f"/generations/{done}/file/audio", "/generations/nothing"):
        await stranger.open(path)
        assert stranger.answer.status_code == 404


async def test_older_ones_are_a_page_away(inside: Browser, clock: Clock) -> None:
    for number in range(21):
        wanted = await spoken(inside, f"Text {number}.")
        await inside.send(f"/generations/{wanted}/cancel")
        clock.advance(1)
    first = await listed(inside)
    assert (len(first), first[0]) == (20, "Text 20.")
    older = inside.attribute(".paging a.button", "href")
    assert await listed(inside, older.removeprefix("/generations")) == ["Text 0."]
    assert "Newest" in inside.text


async def test_deleting_takes_a_second_press_and_leaves_nothing(inside: Browser, hub: Hub) -> None:
    wanted = await spoken(inside, "A secret.")
    await finished(hub, wanted)
    await inside.open(f"/generations/{wanted}")
    audio = inside.attribute("audio", "src")
    assert inside.page.css_first("details.confirm:not([open]) form button") is not None
    await inside.send(f"/generations/{wanted}/delete")
    assert "gone for good" in inside.text
    assert await listed(inside) == []
    assert (await inside.client.get(audio)).status_code == 404


async def test_files_that_are_not_there_are_said_not_to_be(inside: Browser) -> None:
    wanted = await spoken(inside, "Not yet.")
    for kind in ("audio", "srt", "mp4"):
        await inside.open(f"/generations/{wanted}/file/{kind}")
        assert inside.answer.status_code == 404
        assert "no such file" in inside.text


async def test_speaking_again_costs_again_and_what_cannot_be_repeated_goes_to_the_playground(
    inside: Browser, hub: Hub
) -> None:
    wanted = await spoken(inside, "Once more.", voice_description="A calm woman")
    await finished(hub, wanted)
    await inside.open(f"/generations/{wanted}")
    csrf = inside.value('form[action$="/delete"] input[name="csrf"]')
    await inside.send(f"/generations/{wanted}/retry")
    again = generation_id(inside)
    await finished(hub, again)
    await inside.open(f"/generations/{again}")
    assert "seed 7" in inside.text
    assert "--form-string seed=7" in inside.text
    await inside.send("/voices", name="Kept")
    assert "Saved Kept." in inside.text
    assert "seed 7" in inside.text
    chapter = await spoken(inside, "# One\n\nTwo.", markdown="1")
    inside.answer = await inside.client.post(f"/generations/{chapter}/retry", data={"csrf": csrf})
    assert inside.path == f"/playground?again={chapter}", "no spoken text in an address"
    assert inside.filled("/playground")["text"] == "# One\n\nTwo."
    await inside.open("/playground?again=nothing")
    assert inside.answer.status_code == 404
    inside.answer = await inside.client.post(f"/generations/{wanted}/cancel", data={"csrf": csrf})
    assert "completed already" in inside.text
