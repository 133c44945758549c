"""What every page has in common: where there is none, what goes wrong, and what browsers are told."""

from __future__ import annotations

import re

import pytest
from structlog.testing import capture_logs

from hub.pages.routes import all_pages
from tests.hub.pages.conftest import Browser, sign_up

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


async def test_a_form_that_cannot_be_taken_apart_is_refused(browser: Browser) -> None:
    await browser.open("/login")
    answer = await browser.client.post(
        "/login", content=b"no parts", headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert answer.status_code in (400, 403)
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_has_anything_inline_or_may_be_framed(browser: Browser, path: str) -> None:
    if not path.startswith(("/signup", "/login")):
        await sign_up(browser)
    await browser.open(path)
    headers = browser.answer.headers
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    inline = r"<style|<script(?! src=)|\sstyle=|\son\w+=[\"']|javascript:"
    assert re.findall(inline, browser.answer.text) == []
