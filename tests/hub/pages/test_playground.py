"""The playground without scripts: fill in, press, wait, hear; and every refusal at its field."""

from __future__ import annotations

import asyncio
from typing import Any

from hub.hub import Hub
from hub.jobs import claim as claim_job
from hub.jobs import fail
from tests.hub.api.conftest import finished
from tests.hub.api.recordings import voice_like, wav
from tests.hub.pages.conftest import Browser

LONG = "A sentence, and some more words. " * 200


def generation_id(browser: Browser) -> str:
    assert browser.path.startswith("/generations/"), f"{browser.path}: {browser.text}"
    return browser.path.split("/")[2]


def refused(browser: Browser, field: str) -> str:
    found = browser.page.css_first(f"#{field}-refused")
    assert found is not None, browser.text
    return found.text(strip=True)


async def balance(browser: Browser) -> str:
    await browser.open("/usage")
    return browser.page.css(".figures dd")[0].text().split()[0]


async def test_from_the_text_to_the_sound_and_its_cost(inside: Browser, hub: Hub) -> None:
    await inside.open("/playground")
    assert "450 of 500 will be left" in inside.text
    await inside.send("/playground", text="Good morning.", voice_description="A calm woman", format="wav")
    wanted = generation_id(inside)
    assert "waiting" in inside.text
    assert 'http-equiv="refresh"' in inside.answer.text
    await finished(hub, wanted)
    await inside.open(f"/generations/{wanted}")
    assert "completed" in inside.text
    assert "http-equiv" not in inside.answer.text
    assert [piece.text() for piece in inside.page.css("[data-from]")] == ["Good", "morning."]
    assert inside.attribute("svg.wave path.heard", "d").count("M") == 200
    audio = await inside.client.get(inside.attribute("audio", "src"))
    assert (audio.status_code, audio.headers["content-type"]) == (200, "audio/wav")
    captions = await inside.client.get(f"/generations/{wanted}/file/vtt?download=1")
    assert captions.text.startswith("WEBVTT")
    assert "attachment" in captions.headers["content-disposition"]
    assert await balance(inside) == "450"


async def test_pressing_twice_orders_once(inside: Browser) -> None:
    await inside.open("/playground")
    form = inside.filled("/playground")
    answers = await asyncio.gather(*(inside.client.post("/playground", data=form) for _ in range(3)))
    assert len({answer.url.path for answer in answers}) == 1
    assert await balance(inside) == "450"


async def test_a_clone_from_a_dropped_recording(inside: Browser, hub: Hub) -> None:
    await inside.open("/playground")
    await inside.send("/playground", voice="recording")
    assert "at least 5 seconds" in refused(inside, "voice_ref")
    short = wav(voice_like(seconds=2))
    await inside.send("/playground", voice="recording", files={"voice_ref": ("me.wav", short)})
    assert inside.answer.status_code == 400
    assert refused(inside, "voice_ref").startswith("Reference audio must be at least 5 seconds")
    await inside.send("/playground", voice="recording", files={"voice_ref": ("me.wav", wav())})
    wanted = generation_id(inside)
    assert "cloned voice" in inside.text
    await finished(hub, wanted)
    assert "100 credits" in await inside.open(f"/generations/{wanted}")
    assert "voice_ref=@voice.wav" in inside.text
    assert inside.page.css('form[action$="/retry"]') == [], "its recording is gone"


REFUSALS: tuple[tuple[dict[str, Any], int, str, str], ...] = (
    ({"voice": "saved"}, 422, "voice_id", "Save a voice first"),
    ({"voice": "saved", "voice_id": "x"}, 422, "voice_id", "Must be the id of a voice"),
    ({"text": "(cheerful)"}, 400, "text", "Text cannot be empty"),
    ({"text": LONG}, 402, "price", "Insufficient credits: this request costs"),
    ({"seed": "many"}, 422, "seed", "Must be a whole number"),
    ({"language": "xx"}, 422, "language", "Must be one of auto, en"),
)


async def test_refusals_stand_at_their_field(inside: Browser) -> None:
    for sent, status, field, says in REFUSALS:
        await inside.open("/playground")
        await inside.send("/playground", **sent)
        assert inside.answer.status_code == status
        assert says in refused(inside, field)
        assert "/v1/" not in refused(inside, field)
        if status == 402:
            assert inside.attribute(f"#{field}-refused a", "href") == "/pricing"
        kept = inside.filled("/playground")
        assert kept["text"] == sent.get("text", kept["text"]).strip(), "what was typed stays"


async def test_the_estimate_follows_the_form(inside: Browser) -> None:
    await inside.open("/playground")
    form = inside.filled("/playground")

    async def told(**fields: str) -> str:
        answer = await inside.client.post("/playground/estimate", data={**form, **fields})
        assert answer.status_code == 200
        return answer.text

    assert "50 credits" in await told(text="Hello.")
    assert "100 credits" in await told(text="Hello.", voice="recording")
    chapter = await told(text="One.\n\nTwo.", markdown="1")
    assert "for 2 parts" in chapter
    assert "/v1/tts/longform" in chapter
    assert "not enough" in await told(text=LONG)
    assert "Text cannot be empty" in await told(text=" ")


async def test_more_requests_than_the_account_may_send_are_refused(inside: Browser, hub: Hub) -> None:
    await inside.open("/playground")
    form = inside.filled("/playground")
    for _ in range(60):
        await inside.client.post("/playground", data={**form, "text": ""})
    await inside.send("/playground", text="Hello.")
    assert inside.answer.status_code == 429
    assert "Rate limit exceeded" in inside.text


async def test_a_failed_one_costs_nothing_and_is_tried_again(inside: Browser, hub: Hub) -> None:
    await inside.open("/playground")
    await inside.send("/playground", text="Hello.")
    first = generation_id(inside)
    taken = await claim_job(hub, first)
    assert taken is not None
    await fail(hub, taken, code="x", message="The voice was silent.", retryable=False)
    assert "The voice was silent. It cost nothing." in await inside.open(f"/generations/{first}")
    await inside.send(f"/generations/{first}/retry")
    second = generation_id(inside)
    assert second != first
    await inside.send(f"/generations/{second}/cancel")
    assert "Cancelled. 50 credits are back" in inside.text
    assert await balance(inside) == "500"
