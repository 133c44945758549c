"""What a delivery says, to a callback and to an endpoint."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from hub import rotation
from hub.accounts import find_account
from hub.deliveries.attempts import Leased
from hub.hub import Hub
from hub.jobs.view import status_document
from hub.jobs.voiceover import load_voiceover
from hub.store.connection_tables import WebhookEndpoint
from hub.store.hook_tables import HookSubscription
from hub.store.tables import Delivery, Generation
from hub.webhooks.endpoints import secrets_of
from webhooks.values import Message, encode_event


async def compose(hub: Hub, leased: Leased) -> Message | None:
    """None when what the message tells of, or the endpoint it is for, is no longer in the record.

    The delivery's id is the message's and stays the same over all tries: a receiver can tell a repeat.
    Raises `cryptography.fernet.InvalidToken` when no live key decrypts the signing secret.
    """
    if leased.flat:
        return await _flat(hub, leased)
    if leased.endpoint_id is not None:
        return await _to_endpoint(hub, leased, leased.endpoint_id)
    return await _to_callback(hub, leased)


async def _to_callback(hub: Hub, leased: Leased) -> Message | None:
    """The job's status as it is when the message is sent, so that its link is fresh at each try."""
    async with hub.database.reading() as session:
        account = await find_account(session, leased.account_id)
        document = await _status(session, hub, leased.generation_id)
    if document is None:
        return None
    secret = hub.secrets.decrypt(account.signing_secret)
    return Message(leased.id, leased.url, leased.event, _written(document), (secret,))


async def _flat(hub: Hub, leased: Leased) -> Message | None:
    """A voiceover to a builder's hook or to its paused step, with links made for this try."""
    async with hub.database.reading() as session:
        if leased.generation_id is not None:
            document = await load_voiceover(session, hub, leased.generation_id)
        else:
            delivery = await session.get(Delivery, leased.id)
            document = None if delivery is None else delivery.payload
        if leased.hook_id is None:
            account = await find_account(session, leased.account_id)
            secrets: tuple[str, ...] = (hub.secrets.decrypt(account.signing_secret),)
        else:
            hook = await session.get(HookSubscription, leased.hook_id)
            if hook is None:
                return None
            secrets = rotation.live(hub.secrets, hook.secrets, hub.now())
    if document is None:
        return None
    return Message(leased.id, leased.url, leased.event, _written(document), secrets)


def _written(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


async def _to_endpoint(hub: Hub, leased: Leased, endpoint_id: str) -> Message | None:
    """A Standard Webhooks message: the bytes of the first try are those of all of them."""
    async with hub.database.reading() as session:
        endpoint = await session.get(WebhookEndpoint, endpoint_id)
        delivery = await session.get(Delivery, leased.id)
        if endpoint is None or delivery is None or endpoint.disabled_at is not None:
            return None
        body = delivery.body
        data: dict[str, Any] | None = delivery.payload
        if body is None and delivery.generation_id is not None:
            data = await _status(session, hub, delivery.generation_id)
    if body is None:
        if data is None:
            return None
        body = await _fix(hub, leased.id, encode_event(leased.event, data, delivery.created_at))
    return Message(leased.id, leased.url, leased.event, body, secrets_of(hub, endpoint))


async def _fix(hub: Hub, delivery_id: str, body: bytes) -> bytes:
    async with hub.database.transaction() as session:
        await session.execute(update(Delivery).where(Delivery.id == delivery_id).values(body=body))
    return body


async def _status(session: AsyncSession, hub: Hub, generation_id: str | None) -> dict[str, Any] | None:
    generation = None if generation_id is None else await session.get(Generation, generation_id)
    if generation is None:
        return None
    return status_document(
        generation,
        base_url=hub.settings.base_url,
        secrets=hub.secrets,
        now=hub.now(),
        link_lifetime=hub.settings.link_lifetime,
    )
