"""Signing up and in as a new person does it, with and without scripts."""

from __future__ import annotations

import asyncio
import re

import pytest
import requests
from playwright.async_api import expect

from tests.browser.conftest import PASSWORD
from tests.browser.person import Person
from tests.flow.running_hub import RunningHub

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_new_person_gets_a_key_that_works(stranger: Person) -> None:
    await stranger.open("/")
    await stranger.follow("Sign up")
    key = await stranger.sign_up("new@example.com", PASSWORD)
    answer = requests.get(
        f"{stranger.hub.url}/v1/account", headers={"Authorization": f"Bearer {key}"}, timeout=10
    )
    assert answer.json()["credits"] == 500

    await stranger.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await stranger.press("Copy")
    await expect(stranger.page.get_by_role("button", name="Copied")).to_be_visible()
    assert await stranger.page.evaluate("() => navigator.clipboard.readText()") == key


async def test_the_landing_page_plays_a_voice(stranger: Person) -> None:
    await stranger.open("/")
    played = await stranger.page.evaluate(
        """async () => {
            const audio = document.querySelector("audio");
            await audio.play();
            await new Promise(resolve => audio.addEventListener(
                "timeupdate", () => audio.currentTime > 0.3 && resolve()));
            return audio.currentTime;
        }"""
    )
    assert 0.3 < played < 5


async def test_everything_works_without_scripts(scriptless: Person) -> None:
    person, page = scriptless, scriptless.page
    await person.sign_up("scriptless@example.com", PASSWORD)
    await person.open("/keys")
    await person.fill(What_is_it_for="Shop", Most_credits_a_day="200")
    await person.press("Make the key")
    await person.reads("Your new key.")
    secret = await page.get_by_label("API key").input_value()
    assert secret.startswith("shk_")
    await person.press("Revoke Shop")
    await person.reads("is revoked.")
    answer = requests.get(
        f"{person.hub.url}/v1/account", headers={"Authorization": f"Bearer {secret}"}, timeout=10
    )
    assert answer.status_code == 401

    await person.press("Sign out")
    await person.open("/keys")
    await person.sign_in("scriptless@example.com", PASSWORD)
    await page.wait_for_url("**/keys")


async def test_a_forgotten_password_is_replaced_by_the_link_in_the_log(stranger: Person) -> None:
    person = stranger
    await person.sign_up("forgetful@example.com", PASSWORD)
    await person.press("Sign out")
    await person.follow("Forgot the password?")
    await person.fill(**{"E-mail address": "forgetful@example.com"})
    await person.press("Send the link")
    await person.reads("If there is an account")
    await person.open(await link_in_log(person.hub))
    await person.fill(New_password="quite another password")
    await person.press("Set the password")
    await person.reads("The new password is set.")


async def link_in_log(hub: RunningHub) -> str:
    for _ in range(100):
        found = re.findall(r"/password/reset\?link=[\w-]+", hub.log.read_text(errors="replace"))
        if found:
            return str(found[-1])
        await asyncio.sleep(0.1)
    raise AssertionError(hub.log_tail())
