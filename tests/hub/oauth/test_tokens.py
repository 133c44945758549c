"""Codes and tokens at the token endpoint, on both databases, with a clock that can be moved."""

from __future__ import annotations

import asyncio
import logging

import pytest
from sqlalchemy import update

from hub.errors import NotFound
from hub.oauth import delete_client, edit_client, end_connection, list_connections
from hub.oauth.credentials import digest
from hub.oauth.lifetimes import MOST_SUCCESSORS
from hub.store.oauth_tables import OauthToken
from tests.hub.oauth.provider import Provider, all_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_code_becomes_tokens_that_work_at_the_api(provider: Provider) -> None:
    app = await provider.new_app()
    tokens = await app.connected(scope="account:read speech:write")
    assert set(tokens) == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 3600
    assert tokens["scope"] == "account:read speech:write"
    assert (await app.call(tokens["access_token"])).json()["id"] == provider.account_id
    refused = await app.call(tokens["access_token"], "/v1/voices")
    assert refused.status_code == 403
    assert 'error="insufficient_scope", scope="voices:read"' in refused.headers["www-authenticate"]
    assert "This app was not allowed" in refused.json()["detail"]
    assert not await app.works(tokens["refresh_token"])


async def test_of_twenty_parallel_exchanges_of_a_code_one_is_heard_and_lives(provider: Provider) -> None:
    app = await provider.new_app()
    code = await app.code()
    answers = await all_of(20, lambda: app.exchange(code))
    given = [answer for answer in answers if answer.status_code == 200]
    assert len(given) == 1
    assert {answer.json()["error"] for answer in answers if answer not in given} == {"invalid_grant"}
    assert await app.works(given[0].json()["access_token"])
    late = await app.exchange(code)
    assert late.json()["error"] == "invalid_grant"
    assert not await app.works(given[0].json()["access_token"])


async def test_using_a_code_again_revokes_what_it_gave(provider: Provider) -> None:
    app = await provider.new_app()
    code = await app.code()
    tokens = (await app.exchange(code)).json()
    refreshed = (await app.refresh(tokens["refresh_token"])).json()
    again = await app.exchange(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert not await app.works(tokens["access_token"])
    assert not await app.works(refreshed["access_token"])
    assert (await app.refresh(refreshed["refresh_token"])).status_code == 400
    assert await app.live_connections() == 0


async def test_only_its_own_app_can_use_or_spoil_a_code(provider: Provider) -> None:
    app, other = await provider.new_app(), await provider.new_app(name="Make")
    code = await app.code()
    assert (await other.exchange(code)).json()["error"] == "invalid_grant"
    tokens = (await app.exchange(code)).json()
    assert (await other.exchange(code)).json()["error"] == "invalid_grant"
    assert await app.works(tokens["access_token"])


async def test_a_code_lives_two_minutes(provider: Provider) -> None:
    app = await provider.new_app()
    code = await app.code()
    provider.clock.advance(121)
    late = await app.exchange(code)
    assert (late.status_code, late.json()["error"]) == (400, "invalid_grant")


async def test_an_access_token_lives_an_hour_and_is_refreshed(provider: Provider) -> None:
    app = await provider.new_app()
    tokens = await app.connected()
    provider.clock.advance(3599)
    assert await app.works(tokens["access_token"])
    provider.clock.advance(1)
    expired = await app.call(tokens["access_token"])
    assert expired.status_code == 401
    assert expired.headers["www-authenticate"].startswith('Bearer error="invalid_token"')
    assert "expired" in expired.json()["detail"]
    fresh = (await app.refresh(tokens["refresh_token"])).json()
    assert fresh["refresh_token"] != tokens["refresh_token"]
    assert await app.works(fresh["access_token"])


async def test_twenty_parallel_refreshes_of_one_token_all_succeed_and_leave_one_live_family(
    provider: Provider,
) -> None:
    app = await provider.new_app()
    tokens = await app.connected()
    answers = await all_of(20, lambda: app.refresh(tokens["refresh_token"]))
    assert [answer.status_code for answer in answers] == [200] * 20
    pairs = [answer.json() for answer in answers]
    assert len({pair["refresh_token"] for pair in pairs}) == 20
    assert all([await app.works(pair["access_token"]) for pair in pairs])
    assert await app.live_connections() == 1
    provider.clock.advance(61)
    assert (await app.refresh(pairs[7]["refresh_token"])).status_code == 200
    assert (await app.refresh(pairs[19]["refresh_token"])).status_code == 200


async def test_an_old_refresh_token_after_its_grace_revokes_the_family(provider: Provider) -> None:
    app = await provider.new_app()
    tokens = await app.connected()
    first = (await app.refresh(tokens["refresh_token"])).json()
    provider.clock.advance(59)
    second = (await app.refresh(tokens["refresh_token"])).json()
    provider.clock.advance(1)
    replayed = await app.refresh(tokens["refresh_token"])
    assert (replayed.status_code, replayed.json()["error"]) == (400, "invalid_grant")
    for pair in (tokens, first, second):
        assert not await app.works(pair["access_token"])
        assert (await app.refresh(pair["refresh_token"])).json()["error"] == "invalid_grant"
    assert await app.live_connections() == 0


async def test_a_replay_races_a_refresh_and_nothing_survives(provider: Provider) -> None:
    app = await provider.new_app()
    tokens = await app.connected()
    newest = (await app.refresh(tokens["refresh_token"])).json()["refresh_token"]
    provider.clock.advance(60)
    answers = await all_of(8, lambda: app.refresh(newest)) + await all_of(
        2, lambda: app.refresh(tokens["refresh_token"])
    )
    for answer in answers:
        if answer.status_code == 200:
            assert not await app.works(answer.json()["access_token"])
            assert (await app.refresh(answer.json()["refresh_token"])).status_code == 400


async def test_one_token_yields_a_bounded_number_of_pairs(provider: Provider) -> None:
    app = await provider.new_app()
    tokens = await app.connected()
    async with provider.hub.database.transaction() as session:
        ours = OauthToken.digest == digest(tokens["refresh_token"])
        await session.execute(update(OauthToken).where(ours).values(successors=MOST_SUCCESSORS - 2))
    answers = await all_of(4, lambda: app.refresh(tokens["refresh_token"]))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 400, 400]
    assert await app.works(tokens["access_token"])


async def test_a_connection_lasts_while_it_is_used_and_180_days_more(provider: Provider) -> None:
    app = await provider.new_app()
    token = (await app.connected())["refresh_token"]
    day = 24 * 3600
    for _ in range(2):
        provider.clock.advance(179 * day)
        token = (await app.refresh(token)).json()["refresh_token"]
    provider.clock.advance(180 * day)
    assert (await app.refresh(token)).json()["error"] == "invalid_grant"


async def test_a_narrower_refresh_narrows_only_its_access_token(provider: Provider) -> None:
    app = await provider.new_app()
    tokens = await app.connected(scope="account:read voices:read")
    narrow = (await app.refresh(tokens["refresh_token"], scope="voices:read")).json()
    assert narrow["scope"] == "voices:read"
    assert (await app.call(narrow["access_token"])).status_code == 403
    whole = (await app.refresh(narrow["refresh_token"])).json()
    assert whole["scope"] == "account:read voices:read"
    wider = await app.refresh(whole["refresh_token"], scope="account:read speech:write")
    assert (wider.status_code, wider.json()["error"]) == (400, "invalid_scope")


async def test_an_app_that_may_less_gets_less_at_its_next_refresh(provider: Provider) -> None:
    app = await provider.new_app()
    tokens = await app.connected(scope="account:read voices:read")

    async def allow(*scopes: str) -> None:
        async with provider.hub.database.transaction() as session:
            await edit_client(session, app.id, scopes=scopes)

    await allow("voices:read", "speech:write")
    fresh = (await app.refresh(tokens["refresh_token"])).json()
    assert fresh["scope"] == "voices:read"
    await allow("speech:write")
    assert (await app.refresh(fresh["refresh_token"])).json()["error"] == "invalid_scope"


async def test_revoking_a_refresh_token_ends_the_connection_and_an_access_token_only_itself(
    provider: Provider,
) -> None:
    app = await provider.new_app()
    tokens = await app.connected()
    fresh = (await app.refresh(tokens["refresh_token"])).json()
    assert (await app.post("revoke", token=tokens["access_token"])).status_code == 200
    assert not await app.works(tokens["access_token"])
    assert await app.works(fresh["access_token"])
    assert (await app.post("revoke", token=fresh["refresh_token"])).status_code == 200
    assert not await app.works(fresh["access_token"])
    assert (await app.refresh(fresh["refresh_token"])).json()["error"] == "invalid_grant"


async def test_an_owner_sees_what_is_connected_and_ends_it(provider: Provider) -> None:
    provider.clock.advance(1)
    app = await provider.new_app(name="Make")
    tokens = await app.connected(scope="voices:read")
    stranger, now = await provider.another_account(), provider.clock()
    async with provider.hub.database.transaction() as session:
        assert await list_connections(session, stranger, now) == []
        newest = (await list_connections(session, provider.account_id, now))[0]
        assert (newest.app, newest.scopes) == ("Make", ("voices:read",))
        with pytest.raises(NotFound, match="Connection not found"):
            await end_connection(session, newest.id, now=now, account_id=stranger)
        await end_connection(session, newest.id, now=now, account_id=provider.account_id)
        await end_connection(session, newest.id, now=now, account_id=provider.account_id)
        assert newest not in await list_connections(session, provider.account_id, now)
    assert (await app.call(tokens["access_token"], "/v1/voices")).status_code == 401
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_an_app_that_is_deleted_takes_everything_along(provider: Provider) -> None:
    app = await provider.new_app()
    tokens = await app.connected()
    async with provider.hub.database.transaction() as session:
        await delete_client(session, app.id)
    assert not await app.works(tokens["access_token"])
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_client"


async def test_tokens_reach_no_log(provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    app = await provider.new_app()
    tokens = await app.connected()
    await app.refresh(tokens["refresh_token"])
    secrets = (tokens["access_token"], tokens["refresh_token"], app.made.secret or "")
    written = " ".join(record.getMessage() for record in caplog.records)
    assert not any(secret in written for secret in secrets)


async def test_without_https_it_says_what_to_do(provider: Provider) -> None:
    plain = {"Host": "hub.lan:8000"}
    told = await provider.http.post("/oauth/token", data={"grant_type": "refresh_token"}, headers=plain)
    assert (told.status_code, told.json()["error"]) == (400, "invalid_request")
    shown = await provider.http.get("/oauth/authorize?client_id=x", headers=plain)
    assert shown.status_code == 400
    for words in (told.json()["error_description"], shown.text):
        assert "Put this hub behind it and set SAYHOOK_PUBLIC_URL" in words


async def test_guesses_never_wait_for_or_hold_up_those_who_write(provider: Provider) -> None:
    app = await provider.new_app(public=True)
    async with provider.hub.database.transaction() as session:
        await session.execute(update(OauthToken).values(successors=OauthToken.successors))
        async with asyncio.timeout(5):
            guesses = [await app.refresh("guess"), await app.exchange("guess")]
            assert (await app.post("revoke", token="guess")).status_code == 200
    assert [guess.json()["error"] for guess in guesses] == ["invalid_grant", "invalid_grant"]
