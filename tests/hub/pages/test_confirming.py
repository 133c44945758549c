"""Whose account it is: the link by mail, and what an unconfirmed account is worth to a stranger."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from structlog.testing import capture_logs

from hub.accounts.confirming import LIFETIME, new_link
from hub.hub import Hub
from hub.logs import hide_private
from hub.pages.letters import all_posted
from hub.store.connection_tables import WebhookEndpoint
from hub.store.tables import Account
from hub.webhooks.endpoints import EndpointFields, create_endpoint
from tests.hub.conftest import Clock
from tests.hub.pages.conftest import EMAIL, PASSWORD, Browser, new_browser, sign_up
from tests.hub.pages.test_password import asked

LINK = re.compile(r"http://127\.0\.0\.1:8000(/email/confirm\?link=\S+)")
UNCONFIRMED = f"{EMAIL} is not confirmed yet"


async def signed_up(browser: Browser) -> str:
    """The link of the letter, as the log of a hub without a mail server shows it."""
    with capture_logs() as logs:
        await sign_up(browser)
        await all_posted()
    (link,) = LINK.findall(str([hide_private(None, "", dict(line)) for line in logs]))
    return str(link).split("\\n")[0]


async def account_of(hub: Hub) -> Account:
    async with hub.database.reading() as session:
        return (await session.scalars(select(Account).where(Account.email == EMAIL))).one()


async def test_the_link_confirms_after_a_press_and_nothing_waits_for_it(
    browser: Browser, app: Starlette, hub: Hub
) -> None:
    link = await signed_up(browser)
    assert UNCONFIRMED in await browser.open("/settings")
    await browser.open("/playground")
    await browser.send("/playground", text="Good morning.", voice_description="A calm woman")
    assert browser.path.startswith("/generations/"), "the trial goes on"

    reader = new_browser(app)
    assert f"Somebody signed up here as {EMAIL}" in await reader.open(link)
    assert (await account_of(hub)).email_confirmed_at is None, "opening a link is no statement"
    await reader.send("/email/confirm")
    assert reader.path == "/login"
    assert (await account_of(hub)).email_confirmed_at is not None
    assert UNCONFIRMED not in await browser.open("/settings")
    await browser.open(link)
    assert f"{EMAIL} is confirmed" in await browser.send("/email/confirm")


async def test_a_link_may_be_sent_again_but_not_for_ever(
    inside: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.pages.confirming.PER_ACCOUNT", 1)
    await inside.open("/settings")
    with capture_logs() as logs:
        assert "A new link is on its way" in await inside.send("/email/send")
        await all_posted()
    assert "/email/confirm?link=" in str(logs)
    await inside.send("/email/send")
    assert inside.answer.status_code == 429


@pytest.mark.parametrize("spoilt", ["payload", "signature", "late", "closed", "other", "empty", "none"])
async def test_a_link_nobody_signed_or_too_late_confirms_nothing(
    browser: Browser, hub: Hub, clock: Clock, spoilt: str
) -> None:
    await sign_up(browser)
    account = await account_of(hub)
    link = new_link(hub.secrets, account.id, EMAIL, hub.now())
    payload, signature = link.split(".")
    if spoilt == "other":
        link = new_link(hub.secrets, account.id, "bob@example.com", hub.now())
    if spoilt == "late":
        clock.advance(LIFETIME.total_seconds())
    if spoilt == "closed":
        async with hub.database.transaction() as session:
            (await session.get_one(Account, account.id)).closed_at = hub.now()
    forged = {
        "payload": f"A{payload[1:]}.{signature}",
        "signature": f"{payload}.{'0' * 64}",
        "empty": "",
        "none": "x",
    }
    await browser.open(f"/email/confirm?link={forged.get(spoilt, link)}")
    assert browser.answer.status_code == 410
    assert "too old or was not copied whole" in browser.text


async def test_the_owner_of_an_address_ends_what_a_stranger_made_with_it(
    browser: Browser, app: Starlette, hub: Hub
) -> None:
    """Somebody signs up with another's address and waits; the true owner resets the password."""
    key = await sign_up(browser)
    bearer = {"Authorization": f"Bearer {key}"}
    account = await account_of(hub)
    stranger = EndpointFields(url="https://stranger.example/", events=["voice.ready"])
    await create_endpoint(hub, account.id, stranger)
    owner = new_browser(app)
    (link,) = await asked(owner)
    assert "was never confirmed" in await owner.open(link)
    assert "Keys, webhooks and connected apps of before are ended" in await owner.send(
        "/password/reset", password="quite another password"
    )
    assert (await browser.client.get("/v1/account", headers=bearer)).status_code == 401
    await browser.open("/keys")
    assert browser.path.startswith("/login")
    async with hub.database.reading() as session:
        endpoint = (await session.scalars(select(WebhookEndpoint))).one()
    assert endpoint.disabled_at is not None
    assert (await account_of(hub)).email_confirmed_at is not None

    (again,) = await asked(new_browser(app))
    confirmed = new_browser(app)
    assert "was never confirmed" not in await confirmed.open(again)
    assert "The new password is set." in await confirmed.send("/password/reset", password=PASSWORD)
    assert "ended" not in confirmed.text
