"""The ledger: every movement of credits is one line, written once and never changed.

A line moves `credits` (free to spend) and `held` (promised to running jobs):

    grant    +n   0      credits bought or given
    hold     -n  +n      a job was accepted
    settle    0  -n      the job is done: the held credits are spent
    release  +n  -n      the job failed or was cancelled: they come back
    forfeit  -n   0      the account was closed

A job is held once and closed once (settled or released): both are unique keys, so a repeat does nothing.
The sums over an account's lines equal its `credits` and `held` columns, which are changed in the same
transaction; the column lets a hold be one conditional update that two requests cannot both win.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from hub.errors import InsufficientCredits, NotFound, Unprocessable
from hub.money.low_credit import rise
from hub.store.tables import Account, LedgerEntry

MOST_CREDITS = 100_000_000
"""Of one grant."""
MOST_BALANCE = 2_000_000_000
"""Of one account, the held ones included: the columns have 31 bits on PostgreSQL."""


async def grant(session: AsyncSession, *, account_id: str, credits: int, note: str, now: datetime) -> None:
    """Add credits. Raises Unprocessable unless the number is from 1 to MOST_CREDITS, NotFound without such an
    account."""
    await _grant(session, f"grant:{uuid4()}", account_id, credits, note, now)


async def _grant(
    session: AsyncSession, key: str, account_id: str, credits: int, note: str, now: datetime
) -> None:
    if not 1 <= credits <= MOST_CREDITS:
        raise Unprocessable("credits", f"must be a whole number from 1 to {MOST_CREDITS:,}.")
    line = LedgerEntry(
        key=key,
        kind="grant",
        account_id=account_id,
        credits=credits,
        held=0,
        note=note[:200],
        created_at=now,
    )
    if not await _post_if(session, line, Account.credits + Account.held <= MOST_BALANCE - credits):
        if await session.get(Account, account_id) is None:
            raise NotFound("Account not found")
        raise Unprocessable("credits", f"would bring the balance above {MOST_BALANCE:,}.")
    await rise(session, account_id)


async def grant_once(
    session: AsyncSession, *, key: str, account_id: str, credits: int, note: str, now: datetime
) -> bool:
    """As `grant`, but once for each `key` ever, such as a payment's id; False when it was granted before.

    Two at the same time cannot both succeed: the second fails with IntegrityError at its flush.
    """
    full = "grant:" + hashlib.sha256(key.encode()).hexdigest()
    if await session.scalar(select(LedgerEntry.id).where(LedgerEntry.key == full)) is not None:
        return False
    await _grant(session, full, account_id, credits, note, now)
    return True


async def forfeit(session: AsyncSession, *, account_id: str, now: datetime) -> None:
    """Take the credits that are left from an account that is closed; the row is locked by the caller."""
    left = await session.scalar(select(Account.credits).where(Account.id == account_id))
    if left:
        line = LedgerEntry(
            key=f"forfeit:{uuid4()}",
            kind="forfeit",
            account_id=account_id,
            credits=-left,
            held=0,
            created_at=now,
        )
        await _post(session, line)


async def hold(
    session: AsyncSession, *, account_id: str, generation_id: str, credits: int, now: datetime
) -> None:
    """Promise credits to a job; raises InsufficientCredits, changing nothing, when they are not there."""
    line = LedgerEntry(
        key=f"hold:{generation_id}",
        kind="hold",
        account_id=account_id,
        credits=-credits,
        held=credits,
        generation_id=generation_id,
        created_at=now,
    )
    if not await _post_if(session, line, Account.credits >= credits):
        balance = await session.scalar(select(Account.credits).where(Account.id == account_id))
        raise InsufficientCredits(balance=balance or 0, price=credits)


async def settle(session: AsyncSession, *, generation_id: str, now: datetime) -> int:
    """Spend what was held for a finished job. Returns the credits moved; 0 when it was closed before."""
    return await _close(session, generation_id, "settle", "", now)


async def release(session: AsyncSession, *, generation_id: str, note: str, now: datetime) -> int:
    """Give back what was held for a job that brought nothing. Returns the credits moved; 0 as above."""
    return await _close(session, generation_id, "release", note, now)


async def released(session: AsyncSession, generation_id: str) -> int:
    """What came back of what was held for a job; 0 while it is held, and when it was spent."""
    line = select(LedgerEntry.credits).where(LedgerEntry.key == f"close:{generation_id}")
    return await session.scalar(line.where(LedgerEntry.kind == "release")) or 0


async def _close(session: AsyncSession, generation_id: str, kind: str, note: str, now: datetime) -> int:
    closing = f"close:{generation_id}"
    found = select(LedgerEntry).where(LedgerEntry.key.in_((f"hold:{generation_id}", closing)))
    lines = {line.key: line for line in await session.scalars(found)}
    if closing in lines or not lines:
        return 0
    (held,) = lines.values()
    line = LedgerEntry(
        key=closing,
        kind=kind,
        account_id=held.account_id,
        credits=held.held if kind == "release" else 0,
        held=-held.held,
        generation_id=generation_id,
        note=note[:200],
        created_at=now,
    )
    await _post(session, line)
    return held.held


async def _post(session: AsyncSession, line: LedgerEntry) -> None:
    if not await _post_if(session, line, true()):
        raise NotFound("Account not found")


async def _post_if(session: AsyncSession, line: LedgerEntry, condition: ColumnElement[bool]) -> bool:
    """Write the line and move the account's columns with it, if the account meets the condition."""
    moved = await session.execute(
        update(Account)
        .where(Account.id == line.account_id, condition)
        .values(credits=Account.credits + line.credits, held=Account.held + line.held)
        .returning(Account.id)
    )
    if moved.scalar_one_or_none() is None:
        return False
    session.add(line)
    await session.flush()
    return True
