"""Signing up, in and out; what a session survives and what ends it."""

from __future__ import annotations

import time

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, update
from starlette.applications import Starlette

from hub.accounts import passwords
from hub.accounts.sessions import IDLE, LIFETIME
from hub.hub import Hub
from hub.pages.local_path import local_path
from hub.store.people_tables import BrowserSession
from hub.store.tables import Account
from tests.hub.conftest import Clock
from tests.hub.pages.conftest import EMAIL, PASSWORD, Browser, new_browser, sign_in, sign_up

COOKIE = "sayhook_session"


async def test_signing_up_shows_a_key_once_that_works(browser: Browser) -> None:
    key = await sign_up(browser)
    account = await browser.client.get("/v1/account", headers={"Authorization": f"Bearer {key}"})
    assert (account.json()["email"], account.json()["credits"]) == (EMAIL, 500)
    assert key not in (await browser.open("/welcome"))
    assert "shown once" in browser.text
    assert key not in (await browser.open("/keys"))


async def test_signing_up_on_the_way_elsewhere_makes_no_key_that_nobody_sees(browser: Browser) -> None:
    await browser.open("/signup?next=/keys")
    await browser.send("/signup", email=EMAIL, password=PASSWORD)
    assert browser.path == "/keys"
    assert "First key" not in browser.text
    assert browser.page.css_first("#new-key") is None


async def test_the_record_holds_neither_password_nor_cookie(browser: Browser, hub: Hub) -> None:
    await sign_up(browser)
    async with hub.database.reading() as session:
        kept = await session.scalar(select(Account.password_hash))
        row = await session.scalar(select(BrowserSession))
    assert kept is not None
    assert row is not None
    assert kept.startswith("$argon2id$")
    secret = browser.client.cookies[COOKIE]
    assert secret not in (row.id, row.digest)
    assert row.message is None


@pytest.mark.parametrize(
    ("email", "password", "said"),
    [
        ("ada", PASSWORD, "is not an e-mail address"),
        (EMAIL, "short", "at least 10 characters"),
        (EMAIL, "a" * 201, "at most 200"),
        (EMAIL, "aaaaaaaaaaaaaaa", "different characters"),
        (EMAIL, f"my {EMAIL}", "must not be your e-mail"),
    ],
)
async def test_what_signing_up_refuses_is_said_and_the_form_kept(
    browser: Browser, email: str, password: str, said: str
) -> None:
    await browser.open("/signup")
    assert said in await browser.send("/signup", email=email, password=password)
    assert browser.answer.status_code == 422
    assert browser.value("#email") == email


async def test_one_address_has_one_account(browser: Browser, app: Starlette) -> None:
    await sign_up(browser)
    other = new_browser(app)
    await other.open("/signup")
    assert "exists already" in await other.send("/signup", email=EMAIL.upper(), password=PASSWORD)
    assert other.answer.status_code == 409


async def test_signing_in_and_out(browser: Browser, app: Starlette) -> None:
    await sign_up(browser)
    await browser.send("/logout")
    assert browser.path == "/login"
    await browser.open("/keys?page=2")
    assert browser.path == "/login?next=/keys%3Fpage%3D2"
    await browser.send("/login", email=f" {EMAIL.upper()} ", password=PASSWORD)
    assert browser.path == "/keys?page=2"
    stranger = new_browser(app)
    await stranger.open("/keys")
    assert stranger.path == "/login?next=/keys"
    await browser.open("/login?next=/keys")
    assert browser.path == "/keys"


async def test_a_wrong_password_and_an_unknown_address_are_told_alike(
    browser: Browser, app: Starlette
) -> None:
    await sign_up(browser)
    wrong, unknown = new_browser(app), new_browser(app)
    told = {
        await sign_in(wrong, EMAIL, "another password"),
        (await sign_in(unknown, "bob@example.com", PASSWORD)).replace("bob@", "ada@"),
        await sign_in(new_browser(app), "not an address", PASSWORD),
    }
    assert len(told) == 1
    assert "do not go together" in told.pop()
    assert wrong.answer.status_code == unknown.answer.status_code == 401


async def test_an_unknown_address_costs_the_time_of_a_known_one() -> None:
    kept = await passwords.hashed(PASSWORD)
    await passwords.matches("x", None)  # the first makes the hash it compares with

    async def took(stored: str | None) -> float:
        begun = time.perf_counter()
        assert not await passwords.matches("another password", stored)
        return time.perf_counter() - begun

    assert min([await took(None) for _ in range(3)]) > 0.5 * min([await took(kept) for _ in range(3)])


async def test_each_sign_in_makes_a_new_session_and_closes_the_one_brought(
    browser: Browser, hub: Hub
) -> None:
    await sign_up(browser)
    before = browser.client.cookies[COOKIE]
    await browser.send("/logout")
    browser.client.cookies.set(COOKIE, before, domain="hub.test")
    await browser.open("/keys")
    assert browser.path.startswith("/login"), "a closed session is dead"
    browser.client.cookies.set(COOKIE, "chosen-by-somebody-else", domain="hub.test")
    await sign_in(browser)
    assert browser.client.cookies[COOKIE] not in (before, "chosen-by-somebody-else")
    async with hub.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(BrowserSession)) == 1


async def test_a_session_ends_when_unused_and_in_any_case_after_a_month(
    browser: Browser, clock: Clock
) -> None:
    await sign_up(browser)
    for _ in range(4):
        clock.advance(IDLE.total_seconds() - 60)
        await browser.open("/keys")
        assert browser.path == "/keys"
    clock.advance(LIFETIME.total_seconds() - 4 * (IDLE.total_seconds() - 60))
    await browser.open("/keys")
    assert browser.path.startswith("/login")
    await sign_in(browser)
    clock.advance(IDLE.total_seconds())
    await browser.open("/keys")
    assert browser.path.startswith("/login")


async def test_cookies_are_kept_from_scripts_and_other_sites(browser: Browser, app: Starlette) -> None:
    await browser.open("/signup")
    answer = await browser.client.post(
        "/signup",
        data={"csrf": browser.value("[name=csrf]"), "email": EMAIL, "password": PASSWORD},
        follow_redirects=False,
    )
    (cookie,) = [value for value in answer.headers.get_list("set-cookie") if value.startswith(COOKIE)]
    assert {"httponly", "path=/", "samesite=lax"} <= {part.strip().lower() for part in cookie.split(";")}
    assert "secure" not in cookie.lower()
    secure = new_browser(app, "https://hub.test")
    await sign_in(secure)
    assert sorted(secure.client.cookies) == ["__Host-sayhook_known", f"__Host-{COOKIE}"]
    assert all(kept.secure for kept in secure.client.cookies.jar)
    assert secure.answer.headers["strict-transport-security"].startswith("max-age=31536000")
    assert "strict-transport-security" not in answer.headers


async def test_a_hash_of_weaker_times_is_renewed_at_the_next_sign_in(browser: Browser, hub: Hub) -> None:
    await sign_up(browser)
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    async with hub.database.transaction() as session:
        await session.execute(update(Account).values(password_hash=weak))
    await browser.send("/logout")
    await sign_in(browser)
    async with hub.database.reading() as session:
        kept = await session.scalar(select(Account.password_hash))
    assert kept is not None
    assert "m=4096" in kept


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example", "evil.example", "/ok\r\nSet-Cookie: a=b", "", "/" + "a" * 5000, "//[",
    ],
)  # fmt: skip
def test_nobody_is_sent_elsewhere_after_signing_in(elsewhere: str) -> None:
    assert local_path(elsewhere) == "/playground"


@pytest.mark.parametrize(
    "here", ["/keys", "/oauth/authorize?client_id=a&redirect_uri=https%3A%2F%2Fb.example"]
)
def test_a_path_of_ours_is_kept(here: str) -> None:
    assert local_path(here) == here


async def test_forms_of_other_sites_are_refused(browser: Browser, app: Starlette) -> None:
    await sign_up(browser)
    await browser.open("/keys")
    token = browser.value("[name=csrf]")
    stranger = new_browser(app)
    await stranger.open("/login")
    for forged in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": stranger.value("[name=csrf]")}):
        answer = await browser.client.post("/keys", data={"name": "x", **forged})
        assert answer.status_code == 403
        assert "another site sent it" in answer.text
    answer = await browser.client.post(
        "/keys", data={"name": "x", "csrf": token}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    answer = await browser.client.post("/keys", data={"name": "x"}, headers={"X-CSRF-Token": token})
    assert answer.status_code == 422, "a script may send the token in a header"
    login = await stranger.client.post("/login", data={"csrf": token, "email": EMAIL, "password": PASSWORD})
    assert login.status_code == 403


async def test_a_hub_may_take_no_sign_ups(hub: Hub, browser: Browser, app: Starlette) -> None:
    await browser.open("/signup")
    token = browser.value("[name=csrf]")
    object.__setattr__(hub.settings, "sign_up", False)
    assert "takes no sign-ups" in await browser.open("/signup")
    fields = {"csrf": token, "email": EMAIL, "password": PASSWORD}
    answer = await browser.client.post("/signup", data=fields)
    assert answer.status_code == 403


async def test_a_piece_of_a_page_sends_the_whole_page_to_sign_in(browser: Browser) -> None:
    await browser.open("/keys", **{"HX-Request": "true"})
    assert browser.answer.status_code == 401
    assert browser.answer.headers["hx-redirect"] == "/login?next=/keys"


async def test_pages_answer_only_their_methods(browser: Browser) -> None:
    answer = await browser.client.put("/keys")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    assert (await browser.client.head("/login")).status_code == 200
