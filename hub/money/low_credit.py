"""The warning before credits run out: raised once, and again only after the balance rose in between.

What counts is everything unspent, the credits held for running jobs included: a job that fails gives them
back, and a warning taken back a second later would be noise. So the balance falls when a job is settled
(`fall` says whether to warn) and rises when credits are granted (`rise` takes the warning back), each in the
transaction that moved the credits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from hub.errors import Unprocessable
from hub.instants import rfc3339
from hub.store.tables import Account

LOW_CREDIT = "credits.low"
"""The name of the event."""

MOST_THRESHOLD = 1_000_000


@dataclass(frozen=True, slots=True)
class LowCredit:
    """One fall below the threshold. `credits` are unspent, those held for running jobs included."""

    account_id: str
    credits: int
    threshold: int
    at: datetime

    def payload(self) -> dict[str, Any]:
        """The event's data on the wire."""
        return {
            "account_id": self.account_id,
            "credits": float(self.credits),
            "threshold": float(self.threshold),
            "at": rfc3339(self.at),
        }


async def fall(session: AsyncSession, account_id: str, now: datetime) -> LowCredit | None:
    """The event to announce when the balance is below the threshold and nobody was told yet."""
    fallen = (
        await session.execute(
            update(Account)
            .where(
                Account.id == account_id,
                Account.low_credit_at.is_(None),
                Account.credits + Account.held < Account.low_credit_below,
            )
            .values(low_credit_at=now)
            .returning(Account.credits, Account.held, Account.low_credit_below)
        )
    ).one_or_none()
    return None if fallen is None else LowCredit(account_id, fallen[0] + fallen[1], fallen[2], now)


async def rise(session: AsyncSession, account_id: str) -> None:
    """Take the warning back when the balance is no longer below the threshold."""
    await session.execute(
        update(Account)
        .where(Account.id == account_id, Account.credits + Account.held >= Account.low_credit_below)
        .values(low_credit_at=None)
    )


async def set_threshold(
    session: AsyncSession, account_id: str, credits: int, now: datetime
) -> LowCredit | None:
    """Warn below so many credits from now on; the event, when the balance is below it already."""
    if not 0 <= credits <= MOST_THRESHOLD:
        raise Unprocessable("low_credit_below", f"must be a whole number from 0 to {MOST_THRESHOLD}.")
    await session.execute(update(Account).where(Account.id == account_id).values(low_credit_below=credits))
    await rise(session, account_id)
    return await fall(session, account_id, now)
