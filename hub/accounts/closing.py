"""Closing an account: nobody gets in from that moment, then everything of it is erased.

What stays is the account's row without address or password, and its lines in the ledger without notes: the
hub's owner must be able to say what was sold. Whatever table hangs on an account, directly or through
another one, is emptied of it; a new table needs no word here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from sqlalchemy import ColumnElement, String, Table, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hub.connections.connecting import disconnect
from hub.connections.records import list_connections
from hub.errors import NotFound
from hub.hub import Hub
from hub.jobs.erase import erase
from hub.money.ledger import forfeit
from hub.oauth.connections import end_apps
from hub.store.people_tables import AuditEntry, BrowserSession, PasswordReset
from hub.store.schema import METADATA
from hub.store.tables import Account, ApiKey, Generation, LedgerEntry
from hub.subscriptions.hooks import end_hooks_of

_PATIENCE = 20.0
_AT_ONCE = 10

KEPT = frozenset({"accounts", "ledger"})


async def close_account(hub: Hub, account_id: str) -> None:
    """Ends every way in and takes the credits, at once. `erase_closed` does the rest, now or at the sweep."""
    async with hub.database.transaction() as session:
        account = await session.get_one(Account, account_id, with_for_update=True)
        account.closed_at = account.closed_at or hub.now()
        for table in (BrowserSession, PasswordReset, ApiKey):
            await session.execute(delete(table).where(table.account_id == account_id))
        await end_apps(session, account_id, now=hub.now())
        await end_hooks_of(session, account_id, hub.now())
        await forfeit(session, account_id=account_id, now=hub.now())


async def erase_closed(hub: Hub, account_id: str) -> None:
    """Leaves its platforms, then erases all that a closed account has. May be cut short and done again."""
    await _leave_platforms(hub, account_id)
    async with hub.database.reading() as session:
        kept = select(Generation.id).where(Generation.account_id == account_id)
        present = (await session.scalars(kept.where(Generation.deleted_at.is_(None)))).all()
    for generation_id in present:
        with suppress(NotFound):  # another process was first
            await erase(hub, account_id, generation_id)
    async with hub.database.reading() as session:
        files = [key async for key in _files(session, account_id)]
    for key in files:
        await hub.blobs.delete(key)
    async with hub.database.transaction() as session:
        await _erase_rows(session, account_id)
        await _forget_person(hub, session, account_id)


async def _leave_platforms(hub: Hub, account_id: str) -> None:
    """Takes our hooks back where a platform answers in time; the rest is erased here whatever it says."""
    async with hub.database.reading() as session:
        connected = [record.id for record in await list_connections(session, account_id)]
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            for number in range(0, len(connected), _AT_ONCE):
                batch = connected[number : number + _AT_ONCE]
                leaving = (disconnect(hub, account_id, connection) for connection in batch)
                await asyncio.gather(*leaving, return_exceptions=True)


async def _forget_person(hub: Hub, session: AsyncSession, account_id: str) -> None:
    account = await session.get_one(Account, account_id, with_for_update=True)
    nobody = f"closed account {account_id}"
    await session.execute(
        update(AuditEntry).where(AuditEntry.subject == account.email).values(subject=nobody, detail="")
    )
    await session.execute(update(AuditEntry).where(AuditEntry.actor == account.email).values(actor=nobody))
    await session.execute(update(LedgerEntry).where(LedgerEntry.account_id == account_id).values(note=""))
    await forfeit(session, account_id=account_id, now=hub.now())
    account.email = nobody
    account.password_hash = None
    account.signing_secret = ""
    account.is_admin = False
    account.default_voice_id = None
    account.erased_at = hub.now()


async def _files(session: AsyncSession, account_id: str) -> AsyncIterator[str]:
    for table, is_owned in _owned(account_id):
        for column in table.columns:
            if column.name.endswith("_key") and isinstance(column.type, String) and not column.foreign_keys:
                for key in await session.scalars(select(column).where(is_owned, column.is_not(None))):
                    yield key


async def _erase_rows(session: AsyncSession, account_id: str) -> None:
    for table, is_owned in _owned(account_id):
        await session.execute(delete(table).where(is_owned))


def _owned(account_id: str) -> list[tuple[Table, ColumnElement[bool]]]:
    """Every table with rows of the account, those that point at others first, and which rows those are."""
    conditions: dict[str, ColumnElement[bool]] = {}
    owned: list[tuple[Table, ColumnElement[bool]]] = []
    for table in METADATA.sorted_tables:
        if table.name in KEPT:
            continue
        ways: list[ColumnElement[bool]] = []
        if "account_id" in table.columns:
            ways.append(table.c.account_id == account_id)
        for column in table.columns:
            for key in column.foreign_keys:
                parent = key.column.table
                if parent.name in conditions and parent is not table:
                    ways.append(column.in_(select(key.column).where(conditions[parent.name])))
        if ways:
            conditions[table.name] = or_(*ways)
            owned.append((table, conditions[table.name]))
    return owned[::-1]
