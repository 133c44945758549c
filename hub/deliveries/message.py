"""What a delivery says: the job's status as it is when the message is sent, so that its link is fresh."""

from __future__ import annotations

import json

from hub.accounts import find_account
from hub.deliveries.attempts import Leased
from hub.hub import Hub
from hub.jobs.view import status_document
from hub.store.tables import Generation
from webhooks.values import Message


async def compose(hub: Hub, leased: Leased) -> Message | None:
    """None when the job the message tells of is no longer in the record.

    The delivery's id is the message's and stays the same over all tries: a receiver can tell a repeat.
    Raises `cryptography.fernet.InvalidToken` when no live key decrypts the account's signing secret.
    """
    if leased.generation_id is None:
        return None
    async with hub.database.reading() as session:
        account = await find_account(session, leased.account_id)
        generation = await session.get(Generation, leased.generation_id)
        if generation is None:
            return None
        document = status_document(
            generation,
            base_url=hub.settings.base_url,
            secrets=hub.secrets,
            now=hub.now(),
            link_lifetime=hub.settings.link_lifetime,
        )
    payload = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    secret = hub.secrets.decrypt(account.signing_secret)
    return Message(leased.id, leased.url, leased.event, payload, (secret,))
