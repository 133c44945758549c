from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hub.accounts import (
    authenticate,
    create_account,
    create_key,
    find_account,
    find_account_by_email,
    limits_of,
    list_accounts,
    list_keys,
    revoke_key,
)
from hub.accounts.keys import note_use
from hub.errors import Conflict, HubError, NotFound, Unauthenticated, Unprocessable
from hub.hub import Hub
from hub.store.tables import Account, ApiKey
from tests.hub.conftest import Clock


async def test_a_key_opens_its_account_with_its_scopes_and_is_kept_only_as_a_digest(
    store_hub: Hub, account: Account
) -> None:
    async with store_hub.database.transaction() as session:
        key = await create_key(
            session, account_id=account.id, name="Site", scopes=["speech:read"], now=store_hub.now()
        )
        caller = await authenticate(session, key.secret, store_hub.now())
        stored = await session.get_one(ApiKey, key.id)
        assert caller.account_id == account.id
        assert caller.scopes == {"speech:read"}
        assert caller.limits.requests_per_minute == 60
        assert key.secret not in {str(value) for value in vars(stored).values()}
        assert key.secret.startswith(stored.prefix)
        assert len(stored.prefix) <= 10


async def test_wrong_revoked_and_expired_keys_are_refused_alike(
    store_hub: Hub, account: Account, clock: Clock
) -> None:
    async with store_hub.database.transaction() as session:
        now = store_hub.now()
        revoked = await create_key(session, account_id=account.id, name="a", now=now)
        await revoke_key(session, revoked.id, now=now)
        await revoke_key(session, revoked.id, now=now, account_id=account.id)
        brief = await create_key(
            session, account_id=account.id, name="b", now=now, expires_at=now + timedelta(hours=1)
        )
        assert (await authenticate(session, brief.secret, now)).key_id == brief.id
        clock.advance(3600)
        for secret in (revoked.secret, brief.secret, "shk_nothing", "", "é"):
            with pytest.raises(Unauthenticated, match="Missing or invalid API key"):
                await authenticate(session, secret, store_hub.now())


async def test_bad_keys_are_not_made(store_hub: Hub, account: Account) -> None:
    async with store_hub.database.transaction() as session:
        now = store_hub.now()
        for scopes, expires_at in ((["root"], None), ([], None), (["speech:read"], now)):
            with pytest.raises(Unprocessable):
                await create_key(
                    session, account_id=account.id, name="x", now=now, scopes=scopes, expires_at=expires_at
                )
        assert await list_keys(session, account.id) == []


async def test_another_accounts_key_cannot_be_revoked(store_hub: Hub, account: Account) -> None:
    async with store_hub.database.transaction() as session:
        key = await create_key(session, account_id=account.id, name="x", now=store_hub.now())
        with pytest.raises(NotFound):
            await revoke_key(session, key.id, now=store_hub.now(), account_id="other")
        assert [row.revoked_at for row in await list_keys(session, account.id)] == [None]


async def test_last_use_is_kept_to_the_minute(store_hub: Hub, account: Account, clock: Clock) -> None:
    async with store_hub.database.transaction() as session:
        key = await create_key(session, account_id=account.id, name="x", now=store_hub.now())

    async def use() -> object:
        async with store_hub.database.transaction() as session:
            await note_use(session, key.id, store_hub.now())
            return await session.scalar(select(ApiKey.last_used_at).where(ApiKey.id == key.id))

    first = await use()
    clock.advance(30)
    assert await use() == first
    clock.advance(31)
    assert await use() == store_hub.now()


async def test_one_account_an_address(store_hub: Hub, account: Account) -> None:
    async with store_hub.database.transaction() as session:
        with pytest.raises(Conflict, match=r"owner@example\.com exists"):
            await create_account(
                session, email=" Owner@Example.com ", now=store_hub.now(), secrets=store_hub.secrets
            )
        assert (await find_account_by_email(session, "OWNER@example.com")) is not None
        assert [row.id for row in await list_accounts(session)] == [account.id]


async def test_a_paid_account_may_do_more_and_its_own_figures_win(store_hub: Hub, account: Account) -> None:
    async with store_hub.database.transaction() as session:
        paid = await create_account(
            session, email="b@example.com", plan="paid", now=store_hub.now(), secrets=store_hub.secrets
        )
        assert limits_of(paid).requests_per_minute == 600
        paid.requests_per_minute = 7
        assert limits_of(await find_account(session, paid.id)).requests_per_minute == 7
        assert store_hub.secrets.decrypt(paid.signing_secret).startswith("whsec_")


@pytest.mark.parametrize("wrong", [{"email": "nobody"}, {"email": "a@example.com", "plan": "gold"}])
async def test_a_bad_account_is_refused(store_hub: Hub, wrong: dict[str, Any]) -> None:
    async with store_hub.database.transaction() as session:
        with pytest.raises(Unprocessable) as refusal:
            await create_account(session, now=store_hub.now(), secrets=store_hub.secrets, **wrong)
        assert isinstance(refusal.value, HubError)
        assert await list_accounts(session) == []
