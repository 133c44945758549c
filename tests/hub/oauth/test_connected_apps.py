"""The page of connected apps, and what an account's end does to them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hub.oauth import rotate_secret, sweep
from hub.store.oauth_tables import OauthCode, OauthGrant, OauthToken
from hub.store.tables import Account
from hub.webhooks.disconnected import TIME_TO_RECONNECT, forget_disconnected
from tests.hub.oauth.provider import Provider
from tests.hub.oauth.walk import Walk

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_person_sees_an_app_and_disconnects_it(walk: Walk) -> None:
    assert "No app is connected" in await walk.person.open("/settings/apps")
    app = await walk.provider.new_app(name="Make")
    tokens = await walk.connected(app, scope="voices:read speech:read")
    words = await walk.person.open("/settings/apps")
    assert "Make" in words
    assert "voices:read, speech:read" in words
    action = walk.person.page.css("main form")[0].attributes["action"] or ""
    assert "disconnected" in await walk.person.send(action)
    assert "No app is connected" in walk.person.text
    assert (await app.call(tokens["access_token"], "/v1/voices")).status_code == 401
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_nobody_disconnects_an_app_of_somebody_else(walk: Walk) -> None:
    app = await walk.provider.new_app()
    tokens = await app.connected()
    await walk.connected(app)
    await walk.person.open("/settings/apps")
    async with walk.provider.hub.database.reading() as session:
        others = select(OauthGrant.id).where(OauthGrant.account_id == walk.provider.account_id)
        grant_id = (await session.scalars(others)).one()
    csrf = walk.person.value("main form input[name=csrf]")
    answer = await walk.person.client.post(
        f"/settings/apps/{grant_id}/disconnect", data={"csrf": csrf}, follow_redirects=False
    )
    assert answer.status_code == 404
    assert await app.works(tokens["access_token"])


async def test_a_closed_account_lets_nobody_in(walk: Walk) -> None:
    app = await walk.provider.new_app()
    tokens = await app.connected()
    await _close(walk.provider, closed=True)
    assert not await app.works(tokens["access_token"])
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    await _close(walk.provider, closed=False)


async def test_an_old_secret_works_on_for_its_overlap(walk: Walk) -> None:
    app, provider = await walk.provider.new_app(), walk.provider
    token = (await app.connected())["refresh_token"]

    async def rotated(hours: int) -> dict[str, str]:
        async with provider.hub.database.transaction() as session:
            made = await rotate_secret(session, app.id, now=provider.clock(), overlap=timedelta(hours=hours))
        return {"client_id": made.id, "client_secret": made.secret or ""}

    async def status(credentials: dict[str, str]) -> int:
        asked = {"grant_type": "refresh_token", "refresh_token": token}
        return (await provider.http.post("/oauth/token", data={**asked, **credentials})).status_code

    second = await rotated(24)
    assert [await status(app.credentials), await status(second)] == [200, 200]
    third = await rotated(0)
    assert [await status(app.credentials), await status(second), await status(third)] == [401, 401, 200]
    fourth = await rotated(1)
    provider.clock.advance(3600)
    assert await status(third) == 401
    assert await status(fourth) == 400  # known, but the token's grace is over


async def test_what_is_past_its_time_is_swept_and_nothing_else(provider: Provider) -> None:
    app, day = await provider.new_app(), 24 * 3600.0
    old, ended = await app.connected(), await app.connected()
    live = (await app.refresh(old["refresh_token"])).json()
    await app.post("revoke", token=ended["refresh_token"])
    assert await rows(provider) == (2, 6, 2)
    provider.clock.advance(25 * 3600 - 1)
    swept = await sweep(provider.hub)
    assert (swept.codes, swept.tokens, swept.connections) == (2, 0, 0)
    provider.clock.advance(3600)
    assert (await sweep(provider.hub)).tokens == 3
    assert await rows(provider) == (0, 3, 2)
    provider.clock.advance(30 * day)
    await sweep(provider.hub)
    assert await rows(provider) == (0, 2, 1)
    newest = await app.refresh(live["refresh_token"])
    assert newest.status_code == 200
    assert (await app.refresh(old["refresh_token"])).status_code == 400
    assert not await app.works(newest.json()["access_token"]), "a copy used a month later is still noticed"
    provider.clock.advance(211 * day)
    await sweep(provider.hub)
    assert await rows(provider) == (0, 0, 0)
    assert (await sweep(provider.hub)).tokens == 0


async def rows(provider: Provider) -> tuple[int, ...]:
    async with provider.hub.database.reading() as session:
        tables = (OauthCode, OauthToken, OauthGrant)
        return tuple([await session.scalar(select(func.count()).select_from(table)) or 0 for table in tables])


async def _close(provider: Provider, *, closed: bool) -> None:
    async with provider.hub.database.transaction() as session:
        account = await session.get_one(Account, provider.account_id)
        account.closed_at = provider.clock() if closed else None


async def test_the_webhooks_an_app_added_go_with_its_connection(provider: Provider) -> None:
    zapier, make = await provider.new_app(), await provider.new_app(name="Make")
    tokens, other = await zapier.connected(), await make.connected()
    again = await zapier.connected()
    for token in (tokens, tokens, other):
        await add_hook(provider, token["access_token"])
    await zapier.post("revoke", token=tokens["refresh_token"])
    assert await forget_disconnected(provider.hub) == 0  # the person signed in twice; one connection stands
    await zapier.post("revoke", token=again["refresh_token"])
    assert await forget_disconnected(provider.hub) == 2
    left = await provider.http.get("/v1/webhooks", headers=bearer(other["access_token"]))
    assert len(left.json()["data"]) == 1

    await make.refresh(other["refresh_token"])
    provider.clock.advance(60)
    assert (await make.refresh(other["refresh_token"])).status_code == 400
    provider.clock.advance(TIME_TO_RECONNECT.total_seconds() - 1)
    assert await forget_disconnected(provider.hub) == 0
    provider.clock.advance(1)
    assert await forget_disconnected(provider.hub) == 1


async def add_hook(provider: Provider, access_token: str) -> None:
    hook = {"url": "https://93.184.216.34/hook", "events": ["generation.completed"]}
    answer = await provider.http.post("/v1/webhooks", json=hook, headers=bearer(access_token))
    assert answer.status_code == 201, answer.text


def bearer(access_token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {access_token}"}
