"""E-mail address and password against the record, in the same time whoever asks."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from hub.accounts import passwords
from hub.accounts.accounts import find_account_by_email
from hub.errors import HubError, Unprocessable
from hub.store.database import Database
from hub.store.tables import Account


class WrongPassword(HubError):
    status = 401
    code = "wrong_password"

    def __init__(self, detail: str = "That e-mail address and password do not go together.") -> None:
        super().__init__(detail)


async def check_sign_in(database: Database, *, email: str, password: str) -> Account:
    """The account; raises WrongPassword for an unknown address just as for a wrong password."""
    async with database.reading() as session:
        account = await _find(session, email)
    kept = account.password_hash if account is not None else None
    if not await passwords.matches(password, kept) or account is None or account.closed_at is not None:
        raise WrongPassword
    if kept is not None and passwords.is_outdated(kept):
        fresh = await passwords.hashed(password)
        async with database.transaction() as session:
            await set_password_hash(session, account.id, fresh)
    return account


async def set_password_hash(session: AsyncSession, account_id: str, fresh: str) -> None:
    account = await session.get_one(Account, account_id)
    account.password_hash = fresh


async def _find(session: AsyncSession, email: str) -> Account | None:
    try:
        return await find_account_by_email(session, email)
    except Unprocessable:
        return None
