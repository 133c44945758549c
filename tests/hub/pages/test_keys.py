"""The page of keys: what is made there works, and what is ended there does not."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette

from hub.accounts import SCOPES
from tests.hub.conftest import Clock
from tests.hub.pages.conftest import Browser, new_browser, sign_up


async def status_with(browser: Browser, key: str, path: str = "/v1/account") -> int:
    return (await browser.client.get(path, headers={"Authorization": f"Bearer {key}"})).status_code


def shop(fields: dict[str, Any]) -> dict[str, Any]:
    return {"name": "Shop", **fields}


async def made(browser: Browser, **fields: str | list[str]) -> str:
    await browser.open("/keys")
    await browser.send("/keys", **shop(fields))
    return browser.value("#new-key")


async def test_a_key_is_shown_once_and_may_do_what_was_ticked(browser: Browser) -> None:
    await sign_up(browser)
    key = await made(browser, scope=["account:read"])
    assert "shown this once" in browser.text
    assert await status_with(browser, key) == 200
    assert await status_with(browser, key, "/v1/voices") == 403
    assert "shown this once" not in await browser.open("/keys")
    assert key not in browser.answer.text
    assert "account:read" in browser.text


async def test_all_rights_are_ticked_at_first(browser: Browser) -> None:
    await sign_up(browser)
    await browser.open("/keys")
    ticked = [box.attributes["value"] for box in browser.page.css("input[name=scope][checked]")]
    assert ticked == list(SCOPES)


async def test_a_key_ends_when_it_was_told_to(browser: Browser, clock: Clock) -> None:
    await sign_up(browser)
    key = await made(browser, expires="30")
    clock.advance(29 * 24 * 3600)
    assert await status_with(browser, key) == 200
    clock.advance(24 * 3600)
    assert await status_with(browser, key) == 401


async def test_revoking_ends_a_key_at_once(browser: Browser) -> None:
    await sign_up(browser)
    key = await made(browser)
    action = browser.action_of("Revoke Shop")
    assert "is revoked" in await browser.send(action)
    assert await status_with(browser, key) == 401


async def test_rotating_makes_another_and_leaves_a_day_to_change(browser: Browser, clock: Clock) -> None:
    await sign_up(browser)
    old = await made(browser, scope=["account:read"], credits_per_day="1,000")
    action = browser.action_of("Rotate Shop")
    await browser.send(action)
    new = browser.value("#new-key")
    assert new != old
    assert browser.text.count("1,000 a day") == 2
    clock.advance(23 * 3600)
    assert [await status_with(browser, key) for key in (old, new)] == [200, 200]
    assert await status_with(browser, new, "/v1/voices") == 403
    clock.advance(2 * 3600)
    assert [await status_with(browser, key) for key in (old, new)] == [401, 200]
    again = await browser.client.post(action, data={"csrf": browser.value("[name=csrf]")})
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"scope": []}, "scopes: must be some of"),
        ({"scope": ["everything"]}, "scopes: must be some of"),
        ({"expires": "7"}, "expires: must be one of"),
        ({"credits_per_day": "many"}, "whole number of credits"),
        ({"credits_per_month": "0"}, "credits_per_month: must be"),
    ],
)
async def test_a_key_that_cannot_be_made_is_told_and_the_form_kept(
    browser: Browser, fields: dict[str, Any], said: str
) -> None:
    await sign_up(browser)
    await browser.open("/keys")
    assert said in await browser.send("/keys", **shop(fields))
    assert browser.answer.status_code == 422
    assert browser.value("#name") == "Shop"


async def test_keys_of_others_cannot_be_touched(browser: Browser, app: Starlette) -> None:
    key = await sign_up(browser)
    await browser.open("/keys")
    action = browser.action_of("Revoke First key")
    other = new_browser(app)
    await sign_up(other, "bob@example.com")
    await other.open("/keys")
    token = other.value("[name=csrf]")
    for path in (action, action.replace("revoke", "rotate")):
        answer = await other.client.post(path, data={"csrf": token})
        assert answer.status_code == 404
        assert "API key not found" in answer.text
    assert await status_with(browser, key) == 200
