"""What every page has in common: where there is none, what goes wrong, and what browsers are told."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from hub.api.app import create_app
from hub.hub import Hub
from hub.pages.routes import all_pages
from hub.settings import Settings
from hub.store.tables import Account
from tests.hub.pages.conftest import Browser, new_browser, sign_up

PAGES = sorted(page.path for page in all_pages() if page.method == "GET" and "{" not in page.path)
HTML = {"Accept": "text/html,application/xhtml+xml"}


async def test_people_get_a_page_where_there_is_none_and_programs_a_problem(browser: Browser) -> None:
    text = await browser.open("/nowhere", **HTML)
    assert (browser.answer.status_code, browser.answer.headers["content-type"]) == (
        404,
        "text/html; charset=utf-8",
    )
    assert "There is no such page" in text
    for path, headers in (("/nowhere", {}), ("/v1/nowhere", HTML), ("/static/none.css", HTML)):
        await browser.open(path, **headers)
        assert browser.answer.headers["content-type"] == "application/problem+json", path
        assert browser.answer.status_code == 404
    await browser.open("/logout", **HTML)
    assert browser.answer.status_code == 405


async def test_what_nobody_expected_is_told_without_its_reason(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_up(browser)

    async def broken(*_: object) -> None:
        raise ZeroDivisionError("a private reason")

    monkeypatch.setattr("hub.pages.keys.list_keys", broken)
    with capture_logs() as logs:
        text = await browser.open("/keys")
    assert browser.answer.status_code == 500
    assert "Something went wrong here" in text
    assert "private" not in browser.answer.text
    assert [line["path"] for line in logs if line["event"] == "page_failed"] == ["/keys"]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"no parts", "multipart/form-data; boundary=x", 403),
        (b"a=1&" * 300, "application/x-www-form-urlencoded", 400),
        (b"a=\xff", "application/x-www-form-urlencoded", 400),
        (b"a" * 600_000, "application/x-www-form-urlencoded", 413),
    ],
)
async def test_a_form_that_cannot_be_read_is_refused(
    browser: Browser, content: bytes, kind: str, status: int
) -> None:
    answer = await browser.client.post("/login", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    await sign_up(browser)
    answer = await browser.client.post("/keys", content=content, headers={"Content-Type": kind})
    assert answer.status_code in (400, status)


async def test_what_pages_load_is_kept_until_it_changes(browser: Browser) -> None:
    await browser.open("/login")
    sheet = browser.attribute("link[rel=stylesheet]", "href")
    assert "immutable" in (await browser.client.get(sheet)).headers["cache-control"]
    assert "cache-control" not in (await browser.client.get(sheet.partition("?")[0])).headers


async def test_behind_a_proxy_that_speaks_plainly_browsers_still_stay_with_https(
    hub: Hub, settings: Settings
) -> None:
    app = create_app(
        replace(hub, settings=settings.model_copy(update={"public_url": "https://voice.example"}))
    )
    browser = new_browser(app)
    await browser.open("/login")
    assert browser.answer.headers["strict-transport-security"] == "max-age=31536000"
    await app.state.rates.close()


async def test_no_page_has_anything_inline_or_may_be_framed(browser: Browser) -> None:
    for path in ("/", "/login", "/signup"):
        await look_at(browser, path)
    await sign_up(browser)
    for path in PAGES:
        await look_at(browser, path)


async def look_at(browser: Browser, path: str) -> None:
    await browser.open(path)
    headers = browser.answer.headers
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy, path
    assert "default-src 'none'" in policy, path
    assert "unsafe" not in policy, path
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    inline = r"<style|<script(?! src=)|\sstyle=|\son\w+=[\"']|javascript:"
    assert re.findall(inline, browser.answer.text) == [], path


async def test_every_form_asks_for_its_token_and_every_door_for_its_people(
    browser: Browser, hub: Hub
) -> None:
    """All pages that take a form, whatever is added to them."""
    posts = [page for page in all_pages() if page.method == "POST"]
    assert len(posts) > 40
    addresses = {
        page: re.sub(r"\{\w+\}", "7a9cfd3e-1f5c-4a2f-9a53-0d4b1f0a7d11", page.path) for page in posts
    }
    client = browser.client
    for page, path in addresses.items():
        answer = await client.post(path, data={"csrf": "0" * 64}, follow_redirects=False)
        told = (answer.status_code, answer.headers.get("location"))
        assert told == ((303, "/login") if page.sign_in else (403, None)), path
    await sign_up(browser)
    for page, path in addresses.items():
        answer = await client.post(path, data={"csrf": "0" * 64}, follow_redirects=False)
        assert answer.status_code == (404 if page.admin else 403), path
    async with hub.database.transaction() as session:
        await session.execute(update(Account).values(is_admin=True))
    for path in addresses.values():
        assert (await client.post(path, follow_redirects=False)).status_code == 403, path


async def test_every_platform_to_pick_shows_its_own_sign(browser: Browser) -> None:
    await sign_up(browser)
    await browser.open("/connections")
    shown = [found.attributes["src"] or "" for found in browser.page.css("img.sign")]
    assert len(shown) == len(set(shown)) >= 8
    for address in shown:
        answer = await browser.client.get(address)
        assert answer.headers["content-type"] == "image/svg+xml"
        assert answer.headers["cache-control"].endswith("immutable")
        assert answer.text.startswith("<svg")
    for away in ("/icons/nobody.svg", "/icons/_template.svg", "/icons/..%2f_template.svg"):
        assert (await browser.client.get(away)).status_code == 404
    await browser.open("/")
    assert {found.attributes["src"] for found in browser.page.css("img.sign")} <= set(shown)
