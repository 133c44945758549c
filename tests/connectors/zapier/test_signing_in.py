"""The app signs in at a real hub: PKCE, refresh, ten Zaps at once, and the end of a connection."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update

from hub.store.oauth_tables import OauthToken
from tests.connectors.zapier.conftest import RETURN, VERIFIER, World
from tests.connectors.zapier.platform import StepFailed

pytestmark = pytest.mark.asyncio(loop_scope="module")
REFRESH = "authentication.oauth2Config.refreshAccessToken"
EXCHANGE = "authentication.oauth2Config.getAccessToken"


async def test_who_signed_in_is_shown(world: World) -> None:
    shown = await world.app.run("authentication.test")
    assert shown["email"] == "owner@example.com"


async def test_a_code_is_good_only_with_its_own_verifier(world: World) -> None:
    given = {"code": await world.code(), "redirect_uri": RETURN, "code_verifier": "w" * 64}
    with pytest.raises(StepFailed) as refused:
        await world.app.run(EXCHANGE, inputData=given)
    assert refused.value.told["code"] == "invalid_grant"
    assert refused.value.told["status"] == 400
    assert (await world.tokens()).keys() == {"access_token", "refresh_token"}


async def test_an_expired_token_asks_for_a_refresh_and_goes_on(world: World) -> None:
    tokens = await world.tokens()
    async with world.workshop.hub.database.transaction() as session:
        ended = update(OauthToken).where(OauthToken.kind == "access")
        await session.execute(ended.values(expires_at=world.workshop.hub.now()))
    with pytest.raises(StepFailed) as stale:
        await world.app.run("authentication.test", authData=tokens)
    assert stale.value.name == "RefreshAuthError"
    fresh = await world.app.run(REFRESH, authData=tokens)
    assert fresh["refresh_token"] != tokens["refresh_token"]
    assert (await world.app.run("authentication.test", authData=fresh))["id"]
    world.app.auth = fresh


async def test_ten_zaps_of_one_connection_refresh_at_once(world: World) -> None:
    tokens = await world.tokens()
    pairs = await asyncio.gather(*(world.app.run(REFRESH, authData=tokens) for _ in range(10)))
    assert len({pair["access_token"] for pair in pairs}) == 10
    shown = await asyncio.gather(*(world.app.run("authentication.test", authData=pair) for pair in pairs))
    assert len(shown) == 10
    again = await world.app.run(REFRESH, authData=pairs[3])
    assert await world.app.run("authentication.test", authData=again)


async def test_a_connection_that_ended_asks_to_reconnect(world: World) -> None:
    with pytest.raises(StepFailed) as ended:
        await world.app.run(REFRESH, authData={"access_token": "x", "refresh_token": "shr_gone"})
    assert ended.value.name == "ExpiredAuthError"
    assert "Reconnect" in ended.value.message
    assert VERIFIER not in ended.value.message
