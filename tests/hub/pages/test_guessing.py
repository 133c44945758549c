"""Passwords are guessed slowly, and nobody is kept out of their account by a stranger's guesses."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.pages import guessing
from tests.hub.pages.conftest import EMAIL, PASSWORD, Browser, sign_up


@dataclass(frozen=True, slots=True)
class From:
    """The application as it is reached from one address."""

    app: ASGIApp
    address: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app({**scope, "client": (self.address, 50_000)}, receive, send)


def at(app: Starlette, address: str) -> Browser:
    transport = httpx.ASGITransport(From(app, address))
    return Browser(httpx.AsyncClient(transport=transport, base_url="http://hub.test", follow_redirects=True))


async def guess(browser: Browser, password: str = "no", email: str = EMAIL) -> int:
    """The status of one try."""
    await browser.open("/login")
    await browser.send("/login", email=email, password=password)
    return browser.answer.status_code


async def test_one_address_guesses_few_times_and_shuts_out_itself_alone(
    browser: Browser, app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guessing, "PER_PAIR", 3)
    await sign_up(browser)
    stranger, owner = at(app, "203.0.113.1"), at(app, "203.0.113.2")
    spellings = (EMAIL, EMAIL.upper(), f" {EMAIL}")
    assert [await guess(stranger, email=email) for email in spellings] == [401] * 3
    assert await guess(stranger, PASSWORD) == 429
    assert "Rate limit exceeded" in stranger.text
    assert stranger.page.css_first('a[href="/password/forgot"]') is not None
    assert int(stranger.answer.headers["retry-after"]) > 60
    assert await guess(stranger, email="bob@example.com") == 401, "other accounts are other windows"
    assert await guess(owner, PASSWORD) == 200, "the owner signs in at a new browser meanwhile"


async def test_one_address_guesses_few_times_whatever_the_accounts(
    app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guessing, "PER_ADDRESS", 4)
    stranger = at(app, "203.0.113.1")
    told = [await guess(stranger, email=f"person{number}@example.com") for number in range(5)]
    assert told == [401] * 4 + [429]


async def test_many_addresses_are_slowed_down_and_a_known_browser_is_not(
    browser: Browser, app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guessing, "ALL_STRANGERS", 4)
    monkeypatch.setattr(guessing, "SLOWED", 2)
    monkeypatch.setattr(guessing, "PER_PAIR", 3)
    await sign_up(browser)
    await browser.send("/logout")
    crowd = [at(app, f"203.0.113.{number}") for number in range(7)]
    told = [await guess(stranger) for stranger in crowd]
    assert told == [401] * 6 + [429], "four at once, then so many a minute"
    assert int(crowd[-1].answer.headers["retry-after"]) <= 60, "slowed down, not locked"
    assert [await guess(browser) for _ in range(2)] == [401] * 2
    assert await guess(browser, PASSWORD) == 200, "this browser was signed in before"


async def test_a_known_browser_guesses_few_times_too_and_for_its_own_account_only(
    browser: Browser, app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guessing, "PER_PAIR", 2)
    await sign_up(browser)
    await browser.send("/logout")
    assert [await guess(browser) for _ in range(3)] == [401, 401, 429]

    stranger = at(app, "203.0.113.1")
    await sign_up(stranger, "mallory@example.com")
    await stranger.send("/logout")
    assert [await guess(stranger) for _ in range(3)] == [401, 401, 429], "known for another account"
    forged = at(app, "203.0.113.3")
    known = browser.client.cookies["sayhook_known"]
    for number in range(3):
        forged.client.cookies.set("sayhook_known", f"x{number}{known}", domain="hub.test")
        status = await guess(forged)
    assert status == 429, "a made-up name of a browser opens no new window"
