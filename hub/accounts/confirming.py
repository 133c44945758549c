"""Confirming an address: whoever reads its mail says that the account is theirs.

The link is signed rather than kept: what it says cannot be changed, it dies by itself, and using it twice
does nothing more. Nothing waits for it; but until then the account may be a stranger's who typed the
address, so everything that lets somebody in ends when its true owner sets a password by mail.
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from hub.errors import Gone
from hub.hub import Hub
from hub.mail import Letter, send_letter
from hub.oauth.connections import end_apps
from hub.secrets import Secrets
from hub.store.connection_tables import WebhookEndpoint
from hub.store.tables import Account, ApiKey
from hub.subscriptions.hooks import end_hooks_of

LIFETIME = timedelta(days=7)
PATH = "/email/confirm"
_PURPOSE = "confirm-address"
_SWITCHED_OFF = "Added before the address of this account was confirmed."


def new_link(secrets: Secrets, account_id: str, email: str, now: datetime) -> str:
    """What the link carries: account, address and end, signed."""
    said = json.dumps([account_id, email, int((now + LIFETIME).timestamp())]).encode()
    return f"{base64.urlsafe_b64encode(said).decode().rstrip('=')}.{secrets.sign(_PURPOSE, said)}"


async def account_of_link(session: AsyncSession, secrets: Secrets, link: str, now: datetime) -> Account:
    """Raises Gone when nobody here signed the link, it is too old, or the account is closed."""
    packed, _, signature = link.partition(".")
    try:
        said = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    except (binascii.Error, ValueError):
        raise _gone() from None
    if not secrets.verify(_PURPOSE, said, signature):
        raise _gone()
    account_id, email, end = json.loads(said)
    account = await session.get(Account, account_id)
    if account is None or account.closed_at is not None or account.email != email or end <= now.timestamp():
        raise _gone()
    return account


async def send_confirmation(hub: Hub, account_id: str, email: str) -> None:
    """The link leads to the configured address, never to one that a request names."""
    words = (
        f"Somebody, we hope you, signed up for Sayhook as {email}. Confirm within a week that it was you:\n\n"
        f"{hub.settings.base_url}{PATH}?link={new_link(hub.secrets, account_id, email, hub.now())}\n\n"
        "If it was not you, do nothing, or take the account over by asking for a new password.\n"
    )
    await send_letter(hub.settings, Letter(email, "Confirm your address for Sayhook", words))


async def reclaim(session: AsyncSession, account: Account, now: datetime) -> bool:
    """The address's owner has shown who they are by a link. True when the account was unconfirmed till then:
    whatever keys it has and apps it let in may be a stranger's, and are ended."""
    if account.email_confirmed_at is not None:
        return False
    row = await session.get_one(Account, account.id, with_for_update=True)
    row.email_confirmed_at = now
    keys = update(ApiKey).where(ApiKey.account_id == account.id, ApiKey.revoked_at.is_(None))
    await session.execute(keys.values(revoked_at=now))
    await end_apps(session, account.id, now=now)
    await end_hooks_of(session, account.id, now)
    endpoints = update(WebhookEndpoint).where(WebhookEndpoint.account_id == account.id)
    await session.execute(endpoints.values(disabled_at=now, disabled_reason=_SWITCHED_OFF))
    return True


def _gone() -> Gone:
    return Gone("This link is too old or was not copied whole. Ask for a new one.", code="link_expired")
