from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import InvalidToken
from sqlalchemy import select, update

from hub.accounts import create_account
from hub.hub import utc_now
from hub.secrets import Secrets
from hub.store import resealing
from hub.store.connection_tables import Authorisation, ConnectionRecord, WebhookEndpoint
from hub.store.database import Database
from hub.store.people_tables import BrowserSession
from hub.store.resealing import Resealing, reseal
from hub.store.schema import METADATA
from hub.store.tables import Account

OLD, NEW = "o" * 40, "n" * 40
FERNET_START = "gAAAAA"


async def fill(database: Database, secrets: Secrets) -> None:
    """Three accounts, and one row of everything else that keeps a secret."""
    now, word = utc_now(), secrets.encrypt("word")
    common: dict[str, Any] = {"id": "1", "name": "Shop", "connector": "shopify", "options": {}}
    async with database.transaction() as session:
        for name in "abc":
            made = await create_account(session, email=f"{name}@example.com", now=now, secrets=secrets)
        common["account_id"] = made.id
        later = now + timedelta(hours=1)
        hook: dict[str, Any] = {
            "url": "https://shop.example",
            "events": [],
            "secrets": word,
            "created_at": now,
        }
        session.add_all(
            [
                ConnectionRecord(
                    **common, credentials=word, hook_secrets=word, status="live", created_at=now
                ),
                Authorisation(**common, verifier=word, redirect_uri="https://hub.example", expires_at=later),
                WebhookEndpoint(id="1", account_id=made.id, **hook),
                BrowserSession(
                    id="1",
                    digest="d",
                    account_id=made.id,
                    created_at=now,
                    seen_at=now,
                    expires_at=later,
                    message=word,
                ),
            ]
        )


async def sealed_values(database: Database) -> list[str]:
    """Whatever looks encrypted in any column of any table, named as sealed or not."""
    found: list[str] = []
    async with database.reading() as session:
        for table in METADATA.sorted_tables:
            for row in await session.execute(select(table)):
                found += [value for value in row if isinstance(value, str) and value.startswith(FERNET_START)]
    return found


async def test_every_secret_is_under_the_new_key_afterwards(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing, "_AT_A_TIME", 2)
    old, both, new = Secrets([OLD]), Secrets([NEW, OLD]), Secrets([NEW])
    await fill(database, old)
    assert len(await sealed_values(database)) == 8
    assert await reseal(database, both) == Resealing(written=8)
    assert {new.decrypt(value) for value in await sealed_values(database)} >= {"word"}
    assert await reseal(database, new) == Resealing(current=8)


async def test_what_no_key_reads_is_left_as_it_is_and_counted(database: Database) -> None:
    await fill(database, Secrets([OLD]))
    first, second = Account.email == "a@example.com", Account.email == "b@example.com"
    async with database.transaction() as session:
        await session.execute(update(BrowserSession).values(message=None))
        await session.execute(update(Account).where(first).values(signing_secret="?"))
        await session.execute(update(Account).where(second).values(signing_secret=""))  # as closed ones have
    assert await reseal(database, Secrets([NEW, OLD])) == Resealing(written=5, unreadable=1)
    async with database.reading() as session:
        kept = await session.scalar(select(Account.signing_secret).where(first))
    assert kept == "?"
    with pytest.raises(InvalidToken):
        Secrets([NEW]).resealed("?")
