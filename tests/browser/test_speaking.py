"""From a new account to a heard voice and its cost: at a desk, on a phone, with scripts and without."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import PASSWORD
from tests.browser.person import Person
from tests.browser.watching import HEAVIEST, PHONE, take, too_wide, violations, weight

pytestmark = pytest.mark.asyncio(loop_scope="session")

SPOKEN = 120_000
"""Milliseconds in which a sentence is spoken even on a busy machine."""


async def heard(page: Page) -> None:
    """The audio element really plays: its time moves on, and the words follow it."""
    await page.get_by_role("button", name="Play", exact=True).click()
    await page.wait_for_function("() => document.querySelector('audio').currentTime > 0.4")
    await expect(page.locator(".transcript .now")).to_have_count(1)
    assert await page.locator("[data-heard]").first.get_attribute("width") != "0"


async def pressed_while_the_price_arrives(page: Page, button: Locator) -> None:
    """Leaving a field asks for its price; the press goes on until the answer is there and shown."""
    await button.hover()
    async with page.expect_response("**/playground/estimate"):
        await page.mouse.down()
    await page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-settling')")
    await page.mouse.up()


async def test_from_sign_up_to_a_heard_voice_and_its_cost(
    stranger: Person, axe: str, screenshots: Path
) -> None:
    person, page = stranger, stranger.page
    key = await person.sign_up("speaker@example.com", PASSWORD)
    await person.follow("Hear a voice in the playground")
    await page.get_by_text("Python", exact=True).click()
    await page.locator("#text").fill("One. " * 120)
    await person.reads("for 2 parts")
    await expect(page.locator("#code")).to_contain_text("/v1/tts/longform")
    python = page.locator("#request-code-2")
    await expect(python).to_be_visible()
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await pressed_while_the_price_arrives(page, page.locator("[data-copy=request-code-2]"))
    await person.reads("Copied")
    assert await page.evaluate("() => navigator.clipboard.readText()") == await python.text_content()
    await page.locator("#text").fill("(cheerful) Good morning, and welcome to the harbour.")
    await person.reads("450 of 500 will be left.")
    code = await page.locator("#request-code-1").inner_text()
    await person.press("Speak it")
    await page.wait_for_selector("[data-toggle]:visible", timeout=SPOKEN)
    assert await violations(page, axe) == []
    assert await too_wide(page) == []
    assert await weight(page) < HEAVIEST
    await heard(page)
    if os.environ.get("SCREENSHOTS"):
        await take(page, "generation", screenshots)
    async with page.expect_download() as saved:
        await person.follow("Download MP3")
    assert (await saved.value).suggested_filename.endswith(".mp3")
    await person.open("/usage")
    await person.reads("dashboard: 50 credits")
    await person.reads("450 credits")

    ran = subprocess.run(
        ["sh", "-c", code], env={**os.environ, "SAYHOOK_KEY": key}, capture_output=True, text=True, timeout=30
    )
    assert '"status":"queued"' in ran.stdout.replace(" ", ""), ran


async def test_a_list_of_voices_plays_in_place(stranger: Person, axe: str, screenshots: Path) -> None:
    person, page = stranger, stranger.page
    await person.sign_up("designer@example.com", PASSWORD)
    await person.open("/voices")
    await page.locator("#p-description").fill("A hoarse old sailor")
    await page.locator("#p-text").fill("Ahoy there, and welcome aboard.")
    await page.locator("#p-count").select_option("2")
    await person.press("Hear them side by side")
    await expect(page.locator("[data-play]")).to_have_count(2, timeout=SPOKEN)
    assert await violations(page, axe) == []
    assert await too_wide(page) == []
    if os.environ.get("SCREENSHOTS"):
        await take(page, "previews", screenshots)
    first = page.get_by_role("button", name="Play voice 1")
    await first.click()
    await expect(first).to_have_attribute("aria-pressed", "true")
    await page.wait_for_function("() => document.querySelector('[data-heard]').getAttribute('width') > 5")
    await page.locator("#name-1").fill("Sailor")
    await person.press("Keep voice 1")
    await person.reads("Saved Sailor.")
    assert await violations(page, axe) == []
    assert await too_wide(page) == []


async def test_a_recording_made_in_the_browser_becomes_a_voice(stranger: Person) -> None:
    person, page = stranger, stranger.page
    await page.context.grant_permissions(["microphone"])
    await person.sign_up("recorder@example.com", PASSWORD)
    await person.open("/voices")
    await person.press("Record with the microphone")
    await page.wait_for_timeout(5_600)
    await page.get_by_role("button", name="Stop recording").click()
    await person.reads("s recorded.")
    assert await page.evaluate("() => document.querySelector('#c-ref').files[0].type") == "audio/wav"
    await page.locator("#c-name").fill("Me")
    await page.locator("#c-consent").fill("I am the speaker and agree to have my voice cloned. Ada Byron")
    await page.get_by_label("The person who is heard agreed").check()
    await person.press("Keep the clone")
    await person.reads("Saved Me.")


async def test_a_phone_without_scripts_hears_it_too(scriptless: Person) -> None:
    person, page = scriptless, scriptless.page
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a TypedDict of the same form
    await person.sign_up("plain@example.com", PASSWORD)
    await person.open("/playground")
    await person.press("Speak it")
    await expect(page.locator("audio[controls]")).to_be_visible(timeout=SPOKEN)
    await person.reads("450 left")
    await page.get_by_text("Python", exact=True).click()
    await expect(page.get_by_text("import os, time, requests")).to_be_visible()
    await page.locator("summary", has_text="Delete").click()
    await person.press("Delete for good")
    await person.reads("gone for good")
