"""Opening the database for one command, migrated, and closing it again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from hub.accounts import audit, find_account_by_email, list_accounts
from hub.errors import Conflict, NotFound
from hub.hub import Hub, open_hub, utc_now
from hub.settings import Settings
from hub.store.database import Database
from hub.store.tables import Account

T = TypeVar("T")


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[Database]:
    opened = Database(settings.resolved_database_url)
    try:
        yield opened
    finally:
        await opened.close()


def in_transaction(work: Callable[[AsyncSession], Awaitable[T]], settings: Settings | None = None) -> T:
    """Runs `work` in one transaction on the up-to-date database and gives back its answer."""

    async def run() -> T:
        async with database(settings or Settings()) as opened:
            await opened.migrate()
            async with opened.transaction() as session:
                return await work(session)

    return asyncio.run(run())


def with_hub(work: Callable[[Hub], Awaitable[T]]) -> T:
    """Runs `work` with the opened parts of the up-to-date hub, its queue among them."""

    async def run() -> T:
        async with open_hub(Settings()) as hub:
            await hub.database.migrate()
            return await work(hub)

    return asyncio.run(run())


async def note_act(session: AsyncSession, action: str, subject: str, detail: str = "") -> None:
    """Write an act of the command line into the audit log, in the transaction that does it."""
    await audit.record(
        session, actor=audit.COMMAND_LINE, action=action, subject=subject, detail=detail, now=utc_now()
    )


async def account_of(session: AsyncSession, email_or_id: str) -> Account:
    """The account with this e-mail address or id; raises NotFound with the command that lists them."""
    found = await session.get(Account, email_or_id)
    if found is None and "@" in email_or_id:
        found = await find_account_by_email(session, email_or_id)
    if found is None:
        raise NotFound(f"There is no account {email_or_id}; `sayhook accounts list` shows them.")
    return found


async def only_or_named(session: AsyncSession, email_or_id: str | None) -> Account:
    """The named account, or the only one there is when no name was given."""
    if email_or_id is not None:
        return await account_of(session, email_or_id)
    accounts = await list_accounts(session)
    if not accounts:
        raise NotFound("There is no account yet; make one: sayhook accounts create --email you@example.com")
    if len(accounts) > 1:
        raise Conflict("There are several accounts; say which with --email.")
    return accounts[0]
