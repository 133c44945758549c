"""The account a new hub starts with, made once however often the hub starts."""

from __future__ import annotations

from datetime import datetime

from hub.accounts import create_account, create_key, list_accounts
from hub.secrets import Secrets
from hub.store.database import Database

EMAIL = "owner@example.com"
KEY_NAME = "First key"


async def make_first_account(database: Database, secrets: Secrets, *, now: datetime) -> str | None:
    """The new account's API key, to be shown now or never; None when there is an account already."""
    async with database.transaction() as session:
        if await list_accounts(session):
            return None
        account = await create_account(session, email=EMAIL, now=now, secrets=secrets)
        key = await create_key(session, account_id=account.id, name=KEY_NAME, now=now)
        return key.secret
