"""Making and finding accounts."""

from __future__ import annotations

import base64
import secrets as random
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hub.accounts.plans import OPENING_CREDITS, PLANS
from hub.errors import Conflict, NotFound, Unprocessable
from hub.money.ledger import grant
from hub.secrets import Secrets
from hub.store.tables import Account


async def create_account(
    session: AsyncSession,
    *,
    email: str,
    plan: str = "trial",
    password_hash: str | None = None,
    is_confirmed: bool = True,
    now: datetime,
    secrets: Secrets,
) -> Account:
    """A new account with its opening credits. Raises Conflict when the e-mail address has one already.

    Without a `password_hash` (`hub.accounts.passwords`) it has keys but nobody can sign in.
    The address of one made by the hub's own people counts as confirmed.
    """
    if plan not in PLANS:
        raise Unprocessable("plan", f"must be one of {', '.join(PLANS)}.")
    account = Account(
        id=str(uuid4()),
        email=normalised_email(email),
        plan=plan,
        signing_secret=secrets.encrypt(_new_signing_secret()),
        password_hash=password_hash,
        email_confirmed_at=now if is_confirmed else None,
        created_at=now,
    )
    try:
        async with session.begin_nested():
            session.add(account)
    except IntegrityError as error:
        raise Conflict(f"An account for {account.email} exists already.", code="email_taken") from error
    await grant(session, account_id=account.id, credits=OPENING_CREDITS, note="Opening credits", now=now)
    await session.refresh(account)
    return account


async def find_account(session: AsyncSession, account_id: str) -> Account:
    account = await session.get(Account, account_id)
    if account is None:
        raise NotFound("Account not found")
    return account


async def find_account_by_email(session: AsyncSession, email: str) -> Account | None:
    found: Account | None = await session.scalar(
        select(Account).where(Account.email == normalised_email(email))
    )
    return found


async def list_accounts(session: AsyncSession) -> Sequence[Account]:
    """Those that are not closed, oldest first."""
    chosen = select(Account).where(Account.closed_at.is_(None)).order_by(Account.created_at, Account.id)
    return (await session.scalars(chosen)).all()


def normalised_email(email: str) -> str:
    """The one spelling of an address that is kept. Raises Unprocessable when it is none."""
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise Unprocessable("email", f"is not an e-mail address: {error}") from error


def _new_signing_secret() -> str:
    """A Standard Webhooks symmetric secret: `whsec_` and 32 random bytes in base64."""
    return "whsec_" + base64.b64encode(random.token_bytes(32)).decode()
