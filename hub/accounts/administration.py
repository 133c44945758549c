"""What administrators may do to accounts; each act is in the audit log."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.accounts import audit
from hub.accounts.plans import PLANS
from hub.errors import Unprocessable
from hub.money.ledger import grant_once
from hub.store.tables import Account

_MOST_REQUESTS = 1_000_000
_MOST_CONCURRENT = 10_000


async def set_limits(
    session: AsyncSession,
    account: Account,
    *,
    plan: str,
    requests_per_minute: int | None,
    concurrent: int | None,
    actor: str,
    now: datetime,
) -> None:
    """An account's plan, and its own figures where they differ from the plan's (None where they do not)."""
    if plan not in PLANS:
        raise Unprocessable("plan", f"must be one of {', '.join(PLANS)}.")
    _check("requests_per_minute", requests_per_minute, _MOST_REQUESTS)
    _check("concurrent", concurrent, _MOST_CONCURRENT)
    account.plan = plan
    account.requests_per_minute = requests_per_minute
    account.concurrent = concurrent
    figures = f"requests a minute: {requests_per_minute or '-'}, at once: {concurrent or '-'}"
    said = f"{plan}, {figures}"
    await audit.record(session, actor=actor, action="set limits", subject=account.email, detail=said, now=now)


async def give_credits(
    session: AsyncSession,
    account: Account,
    *,
    credits: int,
    note: str,
    actor: str,
    now: datetime,
    once: str = "",
) -> None:
    """Grants credits; with `once`, only the first time that the account is given some under this mark.

    Two at the same time under one mark cannot both succeed: the second fails with IntegrityError.
    """
    key = f"given:{account.id}:{once[:100]}" if once else f"given:{uuid4()}"
    if not await grant_once(session, key=key, account_id=account.id, credits=credits, note=note, now=now):
        return
    detail = f"{credits} credits: {note}"
    await audit.record(
        session, actor=actor, action="granted credits", subject=account.email, detail=detail, now=now
    )


async def set_admin(
    session: AsyncSession, account: Account, *, is_admin: bool, actor: str, now: datetime
) -> None:
    account.is_admin = is_admin
    action = "made administrator" if is_admin else "no longer administrator"
    await audit.record(session, actor=actor, action=action, subject=account.email, now=now)


async def search_accounts(session: AsyncSession, words: str, most: int) -> tuple[list[Account], int]:
    """The newest accounts whose address or id holds `words`, and how many there are in all."""
    wanted = select(Account).where(Account.closed_at.is_(None))
    if words:
        pattern = words.strip().lower()
        wanted = wanted.where(
            Account.email.contains(pattern, autoescape=True) | Account.id.startswith(pattern, autoescape=True)
        )
    count = await session.scalar(select(func.count()).select_from(wanted.subquery()))
    newest = wanted.order_by(Account.created_at.desc(), Account.id).limit(most)
    return list(await session.scalars(newest)), int(count or 0)


def _check(field: str, value: int | None, most: int) -> None:
    if value is not None and not 1 <= value <= most:
        raise Unprocessable(field, f"must be a whole number from 1 to {most}, or empty for the plan's.")
