"""Forgetting a password and changing it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_string
from email.policy import default

from pydantic import SecretStr
from starlette.applications import Starlette
from structlog.testing import capture_logs

from hub.accounts.resets import LIFETIME
from hub.hub import Hub
from hub.logs import hide_private
from hub.pages.letters import all_posted
from hub.pages.password import PER_EMAIL
from tests.hub.conftest import Clock
from tests.hub.pages.conftest import EMAIL, PASSWORD, Browser, new_browser, sign_in, sign_up

NEW = "quite another password"
LINK = re.compile(r"http://127\.0\.0\.1:8000(/password/reset\?link=\S+)")


async def asked(browser: Browser, email: str = EMAIL) -> list[str]:
    """The links that went to the log."""
    await browser.open("/password/forgot")
    with capture_logs() as logs:
        assert "If there is an account" in await browser.send("/password/forgot", email=email)
        await all_posted()
    shown = [hide_private(None, "", dict(line)) for line in logs]
    return [found for line in shown for found in LINK.findall(str(line.get("letter")))]


async def test_a_link_sets_a_new_password_once_and_ends_every_session(
    browser: Browser, app: Starlette
) -> None:
    await sign_up(browser)
    forgetful = new_browser(app)
    (link,) = await asked(forgetful)
    assert EMAIL in await forgetful.open(link)
    assert "at least 10" in await forgetful.send("/password/reset", password="short")
    assert "new password is set" in await forgetful.send("/password/reset", password=NEW)
    assert forgetful.path == "/settings"

    await browser.open("/keys")
    assert browser.path.startswith("/login"), "the other browser is signed out"
    await sign_in(browser)
    assert browser.answer.status_code == 401
    await sign_in(browser, password=NEW)
    assert browser.answer.status_code == 200

    again = new_browser(app)
    assert "used or is too old" in await again.open(link)
    assert again.answer.status_code == 410


async def test_only_the_newest_link_works_and_only_for_an_hour(browser: Browser, clock: Clock) -> None:
    await sign_up(browser)
    await browser.send("/logout")
    (first,) = await asked(browser)
    (second,) = await asked(browser)
    await browser.open(first)
    assert browser.answer.status_code == 410
    clock.advance(LIFETIME.total_seconds() - 1)
    await browser.open(second)
    assert browser.answer.status_code == 200
    clock.advance(1)
    await browser.send("/password/reset", password=NEW)
    assert browser.answer.status_code == 410


async def test_nothing_tells_whether_there_is_an_account(browser: Browser) -> None:
    assert await asked(browser, "nobody@example.com") == []
    assert await asked(browser, "no address") == []


async def test_letters_are_limited(browser: Browser) -> None:
    for _ in range(PER_EMAIL):
        await asked(browser, "nobody@example.com")
    await browser.open("/password/forgot")
    await browser.send("/password/forgot", email="Nobody@example.com")
    assert browser.answer.status_code == 429


async def test_changing_it_takes_the_old_one_and_signs_others_out(browser: Browser, app: Starlette) -> None:
    await sign_up(browser)
    other = new_browser(app)
    await sign_in(other)
    before = browser.client.cookies["sayhook_session"]
    await browser.open("/settings")
    assert "not your password" in await browser.send("/password/change", password="wrong", new_password=NEW)
    await browser.open("/settings")
    assert "at least 10" in await browser.send("/password/change", password=PASSWORD, new_password="x")
    await browser.open("/settings")
    assert "new password is set" in await browser.send(
        "/password/change", password=PASSWORD, new_password=NEW
    )
    assert browser.client.cookies["sayhook_session"] != before
    await other.open("/keys")
    assert other.path.startswith("/login")


async def test_signing_out_everywhere(browser: Browser, app: Starlette) -> None:
    await sign_up(browser)
    other = new_browser(app)
    await sign_in(other)
    await other.open("/settings")
    await other.send("/sessions/end")
    for each in (browser, other):
        await each.open("/keys")
        assert each.path.startswith("/login")


@asynccontextmanager
async def mail_server(taken: list[str], answer: str = "250 ok") -> AsyncIterator[int]:
    """Speaks enough SMTP to take a letter, or to refuse it with `answer`; yields its port."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                taken.append((await reader.readuntil(b"\r\n.\r\n")).decode())
            writer.write(b"221 bye\r\n" if verb == b"QUIT" else f"{answer}\r\n".encode())
        writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_with_a_mail_server_the_link_goes_by_mail_and_not_to_the_log(
    browser: Browser, hub: Hub
) -> None:
    await sign_up(browser)
    await browser.send("/logout")
    taken: list[str] = []
    async with mail_server(taken) as port:
        set_mail(hub, f"smtp://127.0.0.1:{port}")
        assert await asked(browser) == []
    letter = message_from_string(taken[0], policy=default)
    assert (letter["To"], letter["From"]) == (EMAIL, "sayhook@127.0.0.1")
    (link,) = LINK.findall(letter.get_content())
    await browser.open(link)
    assert browser.answer.status_code == 200


async def test_a_mail_server_that_refuses_is_told_in_the_log_without_the_link(
    browser: Browser, hub: Hub
) -> None:
    await sign_up(browser)
    await browser.send("/logout")
    async with mail_server([], "550 no") as port:
        set_mail(hub, f"smtp://127.0.0.1:{port}")
        await browser.open("/password/forgot")
        with capture_logs() as logs:
            await browser.send("/password/forgot", email=EMAIL)
            await all_posted()
    (line,) = [line for line in logs if line["event"] == "letter_not_sent"]
    assert "link=" not in str(line)


def set_mail(hub: Hub, url: str) -> None:
    object.__setattr__(hub.settings, "smtp_url", SecretStr(url))
