"""Scenario builders in the browser: what to click, live hooks, a test, and ending one."""

from __future__ import annotations

from hub.oauth import create_client
from hub.store.oauth_tables import OauthGrant
from hub.subscriptions import sweeping
from hub.subscriptions.hooks import NewHook, subscribe
from tests.hub.connections.conftest import Workshop, workshop
from tests.hub.pages.test_connections import SignUp, signed_up
from tests.hub.subscriptions.builder import running_builder

__all__ = ["signed_up", "workshop"]
BACK = "https://zapier.com/dashboard/auth/oauth/return/App7CLIAPI/"


async def test_hooks_are_seen_tried_and_ended(workshop: Workshop, signed_up: SignUp) -> None:
    browser, workshop = await signed_up(workshop)
    assert "Zapier" in await browser.open("/builders")
    page = await browser.open("/builders/zapier")
    assert "not set up" in page
    assert "Nothing there starts with Sayhook yet" in page
    assert "Create Voiceover From Description" in page
    assert "Google Drive" in page

    hub, account_id, now = workshop.hub, workshop.customer.account_id, workshop.hub.now()
    async with hub.database.transaction() as session:
        app = await create_client(session, name="Zapier", redirect_uris=[BACK], now=now)
    assert "not connected" in await browser.open("/builders/zapier")
    grant = OauthGrant(
        id="g", account_id=account_id, client_id=app.id, scopes=[], created_at=now, last_used_at=now
    )
    async with hub.database.transaction() as session:
        session.add(grant)
    async with running_builder() as builder:
        asked = NewHook(f"{builder.url}/1/", mode="clone", goodbye=True)
        await subscribe(hub, account_id, asked, app=app.id)
        await subscribe(hub, account_id, NewHook("https://hook.eu1.make.com/1"))
        page = await browser.open("/builders/zapier")
        assert "connected since" in page
        assert "mode clone" in page
        assert "make.com/1" not in page
        assert "on its way" in await browser.send(browser.action_of("Send a test to hook 1"))
        await workshop.settle()
        assert builder.heard[0].document["engine"] == "sample"
        assert "delivered" in await browser.open("/builders/zapier")
        assert "The hook is gone" in await browser.send(browser.action_of("Remove hook 1"))
        assert "Nothing there starts with Sayhook yet" in browser.text
        assert "Ended hooks" not in browser.text, "its owner removed it"
        assert await sweeping.sweep(hub) == 1
        assert builder.heard[-1].method == "DELETE"
        await subscribe(hub, account_id, asked, app=app.id)
        builder.answers["/1/"] = [410]
        await browser.open("/builders/zapier")
        await browser.send(browser.action_of("Send a test to hook 1"))
        await workshop.settle()
        page = await browser.open("/builders/zapier")
        assert "Its address answered 410" in page
        assert "Nothing there starts with Sayhook yet" in page
        await subscribe(hub, account_id, asked, app=app.id)
        assert "Ended hooks" not in await browser.open("/builders/zapier"), "it was switched on again"
        page = await browser.open("/builders/make")
        assert "not set up" in page, "an app of one builder is not another's"
        assert "calls only addresses that begin with https" in page
        assert "https://hook.eu1.make.com/1" in page
        assert "Create a long voiceover" in page
    assert "no such scenario builder" in await browser.open("/builders/other")
