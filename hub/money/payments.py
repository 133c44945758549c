"""Credits bought elsewhere: a payment provider, or glue beside it, tells us by a signed event."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hub.accounts.accounts import find_account_by_email
from hub.errors import Unprocessable
from hub.money.ledger import MOST_CREDITS, grant_once
from hub.store.database import Database
from hub.store.tables import Account

BOUGHT = "credits.purchased"
_PLAN = "paid"


class Purchase(BaseModel):
    """`data` of the event. `account_id` wins over `email`; `reference` is written into the ledger."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    account_id: str = Field("", max_length=36)
    email: str = Field("", max_length=320)
    credits: int = Field(strict=True, ge=1, le=MOST_CREDITS)
    reference: str = Field("", max_length=150)


class PaymentEvent(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    type: str
    data: Purchase


def read_event(body: bytes) -> PaymentEvent | None:
    """None for an event of another type; Unprocessable for one of ours that cannot be read."""
    try:
        kind = _Kind.model_validate_json(body).type
    except ValidationError as error:
        raise Unprocessable("type", "must name the event, e.g. credits.purchased.") from error
    if kind != BOUGHT:
        return None
    try:
        return PaymentEvent.model_validate_json(body)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Unprocessable(where, f"{error.errors()[0]['msg']}.") from error


async def credit_purchase(database: Database, event_id: str, bought: Purchase, now: datetime) -> bool:
    """Grants the credits once for each event ever, and puts the account on the paid plan.

    False when the event was taken before. Raises Unprocessable when there is no such account.
    """
    try:
        async with database.transaction() as session:
            account = await _buyer(session, bought)
            granted = await grant_once(
                session,
                key=f"payment:{event_id}",
                account_id=account.id,
                credits=bought.credits,
                note=f"Payment {bought.reference}".strip(),
                now=now,
            )
            if granted:
                account.plan = _PLAN
            return granted
    except IntegrityError:
        return False  # the same event came twice at the same time


async def _buyer(session: AsyncSession, bought: Purchase) -> Account:
    account = await session.get(Account, bought.account_id) if bought.account_id else None
    if account is None and not bought.account_id and bought.email:
        account = await find_account_by_email(session, bought.email)
    if account is None or account.closed_at is not None:
        raise Unprocessable("data", "names no account of this hub: nothing was granted.")
    return account


class _Kind(BaseModel):
    type: str
