"""The letter to whoever owns an endpoint that was switched off because it failed."""

from __future__ import annotations

from datetime import datetime

import structlog

from hub.hub import Hub
from hub.mail import Letter, send_letter
from hub.store.connection_tables import WebhookEndpoint
from hub.store.tables import Account

log = structlog.get_logger(__name__)


async def tell_if_switched_off(hub: Hub, endpoint_id: str, at: datetime) -> None:
    """Sends it when the attempt of that time is the one that switched the endpoint off; never raises."""
    async with hub.database.reading() as session:
        endpoint = await session.get(WebhookEndpoint, endpoint_id)
        if endpoint is None or endpoint.disabled_at != at:
            return
        account = await session.get(Account, endpoint.account_id)
    if account is None or account.closed_at is not None:
        return
    words = (
        f"Sayhook sends no more messages to your webhook {endpoint.url}\n"
        f"{endpoint.disabled_reason}\n\n"
        "Nothing is lost: what happens meanwhile is kept with it for 30 days. Once the receiver works again, "
        f"open {hub.settings.base_url}/webhooks/{endpoint.id}, switch it on, and send what it missed.\n"
    )
    try:
        await send_letter(hub.settings, Letter(account.email, "A webhook of yours was switched off", words))
    except Exception as error:
        log.error("letter_not_sent", error=type(error).__name__)
