"""Admin pages: closed to others, and every act is written down."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from hub.accounts import SCOPES, find_account_by_email
from hub.accounts.administration import set_admin
from hub.accounts.audit import COMMAND_LINE
from hub.hub import Hub
from hub.jobs import claim, fail
from hub.pages.routes import all_pages
from tests.hub.conftest import Clock
from tests.hub.pages.conftest import EMAIL, Browser, new_browser, sign_up

BOB = "bob@example.com"


@pytest.fixture
async def admin(browser: Browser, hub: Hub) -> Browser:
    await sign_up(browser)
    async with hub.database.transaction() as session:
        account = await find_account_by_email(session, EMAIL)
        assert account is not None
        await set_admin(session, account, is_admin=True, actor=COMMAND_LINE, now=hub.now())
    return browser


async def failed(browser: Browser, hub: Hub, key: str, **fields: str) -> str:
    made = await browser.client.post(
        "/v1/tts/generate",
        json={"text": "Private words.", **fields},
        headers={"Authorization": f"Bearer {key}"},
    )
    generation_id: str = made.json()["id"]
    taken = await claim(hub, generation_id)
    assert taken is not None
    await fail(hub, taken, code="engine_failed", message="The model is broken.", retryable=False)
    return generation_id


async def test_nobody_else_finds_them(browser: Browser, app: Starlette) -> None:
    await sign_up(browser)
    await browser.open("/keys")
    assert "/admin" not in browser.answer.text
    token = browser.value("[name=csrf]")
    pages = [page for page in all_pages() if page.admin]
    assert len(pages) > 8
    for page in pages:
        path = page.path.replace("{id}", "x")
        answer = await browser.client.request(page.method, path, data={"csrf": token})
        assert answer.status_code == 404, path
        stranger = new_browser(app)
        await stranger.client.request(page.method, path)
        assert (await stranger.client.request(page.method, path)).url.path == "/login"


async def test_how_the_hub_stands(admin: Browser) -> None:
    text = await admin.open("/admin")
    assert "speak" in text
    assert "none" in text, "no worker is alive"
    assert "1 account, 0 generations not finished yet." in text
    assert [link.text() for link in admin.page.css('main nav [aria-current="page"]')] == ["Overview"]
    assert f"{COMMAND_LINE} made administrator {EMAIL}" in text


async def test_a_failed_job_is_retried_without_its_words_being_shown(
    admin: Browser, hub: Hub, app: Starlette, clock: Clock
) -> None:
    bob = new_browser(app)
    key = await sign_up(bob, BOB)
    generation_id = await failed(bob, hub, key)
    clock.advance(60)
    text = await admin.open("/admin")
    assert "The model is broken." in text
    assert "Private words." not in admin.answer.text
    assert "Ordered again as" in await admin.send(f"/admin/jobs/{generation_id}/retry")
    assert f"{EMAIL} retried a job {generation_id}" in admin.text
    listed = await bob.client.get("/v1/tts/generations", headers={"Authorization": f"Bearer {key}"})
    assert [row["status"] for row in listed.json()["data"]] == ["queued", "failed"]
    fresh = listed.json()["data"][0]["id"]
    await admin.open("/admin")
    token = admin.value("[name=csrf]")
    for job, status in ((fresh, 409), ("nothing", 404)):
        answer = await admin.client.post(f"/admin/jobs/{job}/retry", data={"csrf": token})
        assert answer.status_code == status


async def test_limits_and_credits_of_an_account(admin: Browser, app: Starlette) -> None:
    bob = new_browser(app)
    key = await sign_up(bob, BOB)
    assert "1 found" in await admin.open("/admin/accounts?q=BOB")
    link = admin.page.css_first("tbody a")
    assert link is not None
    path = link.attributes["href"] or ""
    await admin.open(path)
    await admin.send(f"{path}/limits", plan="paid", requests_per_minute="1,234", concurrent="")
    twice = {**admin.filled(f"{path}/credits"), "credits": "100", "note": "Sorry for the outage"}
    await asyncio.gather(*(admin.client.post(f"{path}/credits", data=twice) for _ in range(2)))
    account = (await bob.client.get("/v1/account", headers={"Authorization": f"Bearer {key}"})).json()
    assert (account["plan"], account["credits"]) == ("paid", 600)
    assert account["limits"] == {"requests_per_minute": 1234, "concurrent": 8}
    for form, fields in (
        ("limits", {"plan": "gold"}),
        ("limits", {"concurrent": "0"}),
        ("limits", {"concurrent": "many"}),
        ("credits", {"credits": "-5"}),
        ("credits", {"credits": ""}),
    ):
        await admin.open(path)
        await admin.send(f"{path}/{form}", files=None, **fields)
        assert admin.answer.status_code == 422
    text = await admin.open("/admin")
    assert f"{EMAIL} granted credits {BOB} 100 credits: Sorry for the outage" in text
    assert f"{EMAIL} set limits {BOB} paid" in text
    await admin.open("/admin/accounts/nothing")
    assert admin.answer.status_code == 404


async def test_apps_are_registered_edited_and_removed(admin: Browser) -> None:
    await admin.open("/admin/apps")
    await admin.send("/admin/apps", name="Zapier", redirect_uris="https://zapier.com/a\nhttps://zapier.com/b")
    secret = admin.value("#new-secret")
    assert secret not in await admin.open("/admin/apps")
    path = admin.action_of("Save Zapier")
    await admin.send(path, redirect_uris="https://zapier.com/b\nhttps://zapier.com/c", name="Zapier 2")
    area = admin.page.css_first("textarea")
    assert area is not None
    assert area.text().split() == ["https://zapier.com/b", "https://zapier.com/c"]
    await admin.send(f"{path}/secret")
    assert admin.value("#new-secret") != secret
    assert "Zapier 2" in admin.text
    assert len(admin.filled(path)["scope"]) == len(SCOPES)
    await admin.send(path, scope=["speech:read", "speech:write"])
    assert admin.filled(path)["scope"] == ["speech:write", "speech:read"]
    refusals: tuple[dict[str, Any], ...] = (
        {"redirect_uris": "http://elsewhere.example/"},
        {"scope": []},
        {"scope": ["all"]},
    )
    for refused in refusals:
        await admin.open("/admin/apps")
        await admin.send(path, files=None, **refused)
        assert admin.answer.status_code == 422
    await admin.open("/admin/apps")
    await admin.send("/admin/apps", name="Desktop", redirect_uris="https://app.example/cb", public="yes")
    assert "Desktop is registered as" in admin.text
    await admin.send(f"{path}/delete")
    assert "Zapier 2" not in admin.text
    text = await admin.open("/admin")
    for act in ("registered an app", "edited an app", "gave an app a new secret", "deleted an app"):
        assert act in text


async def test_where_credits_are_bought(admin: Browser, hub: Hub, app: Starlette) -> None:
    await admin.open("/usage")
    assert admin.attribute("main p > a.button", "href") == "/pricing"
    assert admin.attribute(".who a", "href") == "/pricing"
    assert "ask whoever runs this hub" in await admin.open("/pricing")
    url = "https://pay.example/buy?who={account_id}&mail={email}"
    object.__setattr__(hub.settings, "payment_url", url)
    object.__setattr__(hub.settings, "payment_secret", SecretStr(""))
    await admin.open("/pricing")
    link = admin.page.css_first('a[href^="https://pay.example"]')
    assert link is not None
    assert (link.attributes["href"] or "").endswith("mail=ada%40example.com")
    stranger = new_browser(app)
    await stranger.open("/pricing")
    assert stranger.attribute("main a.main", "href") == "/signup"
