"""The page of settings: what is kept, what is meant where nothing is said, and the end."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette

from hub.hub import Hub
from hub.store.tables import Account
from tests.hub.pages.conftest import EMAIL, PASSWORD, Browser, new_browser, sign_in, sign_up


async def account_of(hub: Hub, browser: Browser, key: str) -> Account:
    answer = await browser.client.get("/v1/account", headers={"Authorization": f"Bearer {key}"})
    async with hub.database.reading() as session:
        return await session.get_one(Account, answer.json()["id"])


@pytest.mark.parametrize(("days", "kept", "zero"), [("30", 30, False), ("", None, False), ("0", None, True)])
async def test_how_long_is_kept(browser: Browser, hub: Hub, days: str, kept: int | None, zero: bool) -> None:
    key = await sign_up(browser)
    await browser.open("/settings")
    await browser.send("/settings/retention", days="7")
    await browser.send("/settings/retention", days=days)
    account = await account_of(hub, browser, key)
    assert (account.retention_days, account.zero_retention) == (kept, zero)
    assert browser.value("#days option[selected]") == days


async def test_defaults_are_taken_where_a_request_says_nothing(browser: Browser) -> None:
    headers = {"Authorization": f"Bearer {await sign_up(browser)}"}
    saved = await browser.client.post(
        "/v1/voices", json={"name": "Narrator", "voice_description": "an old man", "seed": 7}, headers=headers
    )
    voice = saved.json()["id"]

    async def spoken(**fields: str) -> tuple[str, int | None]:
        made = await browser.client.post(
            "/v1/tts/generate", json={"text": "Hello.", **fields}, headers=headers
        )
        status = (await browser.client.get(made.json()["status_url"], headers=headers)).json()
        return status["format"], status["seed"]

    assert await spoken() == ("wav", None)
    await browser.open("/settings")
    assert "The defaults are set." in await browser.send("/settings/defaults", voice=voice, format="opus")
    assert await spoken() == ("opus", 7)
    assert await spoken(format="mp3", voice_description="a girl") == ("mp3", None)
    await browser.client.delete(f"/v1/voices/{voice}", headers=headers)
    assert await spoken() == ("opus", None)
    await browser.open("/settings")
    await browser.send("/settings/defaults", voice="", format="")
    assert await spoken() == ("wav", None)


@pytest.mark.parametrize(
    ("form", "fields", "said"),
    [
        ("/settings/retention", {"days": "3"}, "days: must be one of"),
        ("/settings/defaults", {"voice": "another's"}, "must be one of your saved voices"),
        ("/settings/defaults", {"format": "exe"}, "format: must be one of"),
        ("/settings/close", {"email": "bob@example.com", "password": PASSWORD}, "nothing was deleted"),
        ("/settings/close", {"email": EMAIL, "password": "wrong"}, "nothing was deleted"),
    ],
)
async def test_what_cannot_be_set_is_told(
    browser: Browser, form: str, fields: dict[str, str], said: str
) -> None:
    await sign_up(browser)
    await browser.open("/settings")
    assert said in await browser.send(form, files=None, **fields)
    assert browser.answer.status_code in (401, 422)


async def test_deleting_the_account(browser: Browser, app: Starlette) -> None:
    headers = {"Authorization": f"Bearer {await sign_up(browser)}"}
    made = await browser.client.post("/v1/tts/generate", json={"text": "Hello."}, headers=headers)
    await browser.open("/settings")
    assert "Your account is gone" in await browser.send(
        "/settings/close", email=EMAIL.upper(), password=PASSWORD
    )
    await browser.open("/keys")
    assert browser.path.startswith("/login")
    assert (await browser.client.get(made.json()["status_url"], headers=headers)).status_code == 401
    await sign_in(browser)
    assert browser.answer.status_code == 401
    assert (await sign_up(new_browser(app))).startswith("shk_"), "the address is free again"


async def test_browsers_that_are_signed_in_are_listed(browser: Browser, app: Starlette) -> None:
    await sign_up(browser)
    other = new_browser(app)
    other.client.headers["User-Agent"] = "Telephone/7"
    await sign_in(other)
    text = await browser.open("/settings")
    assert "Telephone/7" in text
    assert text.count("this one") == 1
