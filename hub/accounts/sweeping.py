"""The accounts' round of the sweeper: closed accounts are erased whole, dead sessions and links forgotten."""

from __future__ import annotations

from sqlalchemy import delete, exists, or_, select

from hub.accounts.closing import erase_closed
from hub.accounts.sessions import IDLE
from hub.hub import Hub
from hub.store.people_tables import BrowserSession, PasswordReset
from hub.store.tables import Account

_AT_MOST = 100


async def sweep(hub: Hub) -> int:
    """Returns how many closed accounts were erased: those whose erasing a crash cut short."""
    unfinished = select(Account.id).where(Account.closed_at.is_not(None), Account.erased_at.is_(None))
    async with hub.database.reading() as session:
        found = (await session.scalars(unfinished.limit(_AT_MOST))).all()
    for account_id in found:
        await erase_closed(hub, account_id)
    await _forget_dead(hub)
    return len(found)


async def _forget_dead(hub: Hub) -> None:
    now = hub.now()
    dead = {
        BrowserSession: or_(BrowserSession.expires_at <= now, BrowserSession.seen_at <= now - IDLE),
        PasswordReset: PasswordReset.expires_at <= now,
    }
    for table, is_dead in dead.items():
        async with hub.database.reading() as session:  # an idle hub never takes the write lock
            if not await session.scalar(select(exists().where(is_dead))):
                continue
        async with hub.database.transaction() as session:
            await session.execute(delete(table).where(is_dead))
