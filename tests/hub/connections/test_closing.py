"""A deleted account leaves the platforms it was connected to, and nothing of it works from then on."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.accounts import closing
from hub.accounts.closing import close_account, erase_closed
from hub.oauth.credentials import ACCESS_START, digest
from hub.store.connection_tables import ConnectionRecord, WebhookEndpoint
from hub.store.hook_tables import HookGoodbye, HookSubscription
from hub.store.oauth_tables import OauthClient, OauthCode, OauthGrant, OauthToken
from tests.hub.connections.conftest import ShopHere, Workshop

TOKEN = ACCESS_START + "a" * 43


async def let_an_app_in(workshop: Workshop) -> None:
    """A live access token, and a code on its way."""
    now, account_id = workshop.hub.now(), workshop.customer.account_id
    later = now + timedelta(hours=1)
    async with workshop.hub.database.transaction() as session:
        session.add(
            OauthClient(id="app", name="App", redirect_uris=[], scopes=["account:read"], created_at=now)
        )
        await session.flush()
        session.add_all(
            [
                OauthGrant(
                    id="grant",
                    account_id=account_id,
                    client_id="app",
                    scopes=["account:read"],
                    created_at=now,
                    last_used_at=now,
                ),
                OauthCode(
                    digest="code",
                    client_id="app",
                    account_id=account_id,
                    grant_id="other",
                    scopes=["account:read"],
                    expires_at=later,
                ),
            ]
        )
        await session.flush()
        session.add(
            OauthToken(
                digest=digest(TOKEN),
                kind="access",
                grant_id="grant",
                scopes=["account:read"],
                issued_at=now,
                expires_at=later,
            )
        )


async def test_everything_that_reaches_out_or_in_is_ended(
    workshop: Workshop, shop: ShopHere, connected: str
) -> None:
    hub, account_id = workshop.hub, workshop.customer.account_id
    await workshop.call("POST", "/v1/webhooks", 201, json={"url": "https://shop.example/hear"})
    hook = {"target_url": "https://hooks.example/1", "goodbye": True}
    await workshop.call("POST", "/v1/hooks", 201, json=hook)
    await let_an_app_in(workshop)
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert (await workshop.client.get("/v1/account", headers=bearer)).status_code == 200
    assert shop.shop.webhooks

    await close_account(hub, account_id)
    assert (await workshop.client.get("/v1/account", headers=bearer)).status_code == 401
    async with hub.database.reading() as session:
        grant = await session.get_one(OauthGrant, "grant")
        assert (grant.ended_at is not None, grant.ended_by) == (True, "owner")
    assert await workshop.count(OauthCode) == 0, "no code becomes a token any more"

    await erase_closed(hub, account_id)
    assert not shop.shop.webhooks, "the shop sends nothing any more"
    for table in (ConnectionRecord, WebhookEndpoint, HookSubscription, OauthGrant, OauthToken):
        assert await workshop.count(table) == 0, table
    async with hub.database.reading() as session:
        told = (await session.scalars(select(HookGoodbye.target_url))).all()
    assert told == ["https://hooks.example/1"], "the builder is still to be told"


async def test_a_platform_that_does_not_answer_keeps_nothing_alive(
    workshop: Workshop, shop: ShopHere, connected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = asyncio.Event()

    async def silent(*_: object) -> None:
        reached.set()
        await asyncio.sleep(60)

    monkeypatch.setattr(closing, "_PATIENCE", 0.5)
    monkeypatch.setattr(shop.simulator, "app", silent)
    await close_account(workshop.hub, workshop.customer.account_id)
    await asyncio.wait_for(erase_closed(workshop.hub, workshop.customer.account_id), 10)
    assert reached.is_set()
    assert await workshop.count(ConnectionRecord) == 0
