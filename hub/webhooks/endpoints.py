"""An account's endpoints: added, changed, switched off when they fail, and their secrets replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hub import rotation
from hub.errors import Conflict, NotFound, Unprocessable
from hub.hub import Hub
from hub.store.connection_tables import WebhookEndpoint
from hub.store.tables import Delivery, DeliveryAttempt
from hub.webhooks.events import EVENTS, TEST
from webhooks.errors import DestinationRefused
from webhooks.guard import check_url, policy_for
from webhooks.health import Health
from webhooks.signing import is_private, new_private_key, new_secret, public_key
from webhooks.values import Attempt, Outcome

MOST_ENDPOINTS: Final = 50
SWITCHED_OFF: Final = "Switched off by its owner."


@dataclass(frozen=True, slots=True)
class EndpointFields:
    """What a caller gave; None is not given. No `events` means all of them."""

    url: str | None = None
    events: Sequence[str] | None = None
    description: str | None = None
    enabled: bool | None = None
    is_asymmetric: bool = False
    """Signed with a key of which receivers are only given the public half; chosen when it is made."""


async def create_endpoint(
    hub: Hub, account_id: str, given: EndpointFields, *, app: str | None = None
) -> WebhookEndpoint:
    """`app` is the OAuth client that asks for it, if one does.

    Raises Unprocessable for a URL that may not be called or an event that does not exist.
    """
    endpoint = WebhookEndpoint(
        id=str(uuid4()),
        account_id=account_id,
        url=_checked_url(hub, given.url or ""),
        description=given.description or "",
        events=_checked_events(given.events),
        secrets=rotation.sealed(hub.secrets, new_private_key() if given.is_asymmetric else new_secret()),
        app=app,
        failures=0,
        created_at=hub.now(),
    )
    async with hub.database.transaction() as session:
        count = select(func.count()).where(WebhookEndpoint.account_id == account_id)
        if (await session.scalar(count) or 0) >= MOST_ENDPOINTS:
            raise Conflict(f"This account has {MOST_ENDPOINTS} webhooks already; delete one first.")
        session.add(endpoint)
    return endpoint


async def find_endpoint(
    session: AsyncSession, account_id: str, endpoint_id: str, *, for_update: bool = False
) -> WebhookEndpoint:
    """Raises NotFound also for another account's."""
    endpoint = await session.get(WebhookEndpoint, endpoint_id, with_for_update=for_update or None)
    if endpoint is None or endpoint.account_id != account_id:
        raise NotFound("Webhook not found", code="webhook_not_found")
    return endpoint


async def list_endpoints(session: AsyncSession, account_id: str) -> Sequence[WebhookEndpoint]:
    """Oldest first."""
    chosen = select(WebhookEndpoint).where(WebhookEndpoint.account_id == account_id)
    return (await session.scalars(chosen.order_by(WebhookEndpoint.created_at, WebhookEndpoint.id))).all()


async def change_endpoint(
    hub: Hub, account_id: str, endpoint_id: str, given: EndpointFields
) -> WebhookEndpoint:
    """Messages that wait follow to a new URL. Switching on again clears the record of failures."""
    async with hub.database.transaction() as session:
        endpoint = await find_endpoint(session, account_id, endpoint_id, for_update=True)
        if given.url is not None:
            endpoint.url = _checked_url(hub, given.url)
            waiting = (Delivery.endpoint_id == endpoint.id, Delivery.status == "waiting")
            await session.execute(update(Delivery).where(*waiting).values(url=endpoint.url))
        if given.events is not None:
            endpoint.events = _checked_events(given.events)
        if given.description is not None:
            endpoint.description = given.description
        if given.enabled is True:
            _remember(endpoint, Health())
            endpoint.disabled_at = endpoint.disabled_reason = None
        elif given.enabled is False and endpoint.disabled_at is None:
            endpoint.disabled_at, endpoint.disabled_reason = hub.now(), SWITCHED_OFF
        return endpoint


async def rotate_secret(hub: Hub, account_id: str, endpoint_id: str) -> WebhookEndpoint:
    """A new secret; messages are signed with both until the old one's time is over."""
    async with hub.database.transaction() as session:
        endpoint = await find_endpoint(session, account_id, endpoint_id, for_update=True)
        new = new_private_key() if is_private(secrets_of(hub, endpoint)[0]) else new_secret()
        endpoint.secrets = rotation.rotated(hub.secrets, endpoint.secrets, new, hub.now())
        return endpoint


async def delete_endpoint(hub: Hub, account_id: str, endpoint_id: str) -> None:
    """Forget it, with its messages and their attempts."""
    async with hub.database.transaction() as session:
        endpoint = await find_endpoint(session, account_id, endpoint_id, for_update=True)
        sent = select(Delivery.id).where(Delivery.endpoint_id == endpoint.id)
        await session.execute(delete(DeliveryAttempt).where(DeliveryAttempt.delivery_id.in_(sent)))
        await session.execute(delete(Delivery).where(Delivery.endpoint_id == endpoint.id))
        await session.delete(endpoint)


def secrets_of(hub: Hub, endpoint: WebhookEndpoint) -> tuple[str, ...]:
    """The live ones, newest first."""
    return rotation.live(hub.secrets, endpoint.secrets, hub.now())


def public_key_of(hub: Hub, endpoint: WebhookEndpoint) -> str | None:
    """What a receiver verifies with, where it needs no secret."""
    newest = secrets_of(hub, endpoint)[0]
    return public_key(newest) if is_private(newest) else None


async def lock_to_note(session: AsyncSession, endpoint_id: str, attempt: Attempt) -> WebhookEndpoint | None:
    """The endpoint, locked, when the attempt changes its record; most successes change nothing."""
    chosen = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id)
    if attempt.outcome is Outcome.DELIVERED:
        chosen = chosen.where(WebhookEndpoint.failing_since.is_not(None))
    locked: WebhookEndpoint | None = await session.scalar(
        chosen.with_for_update().execution_options(populate_existing=True)
    )
    return locked


async def note_attempt(endpoint: WebhookEndpoint | None, attempt: Attempt, now: datetime) -> None:
    """Keep the record of failures of an endpoint that `lock_to_note` locked, and switch it off when
    `webhooks.health` says so."""
    if endpoint is None or endpoint.disabled_at is not None:
        return
    health = Health(endpoint.failing_since, endpoint.last_failure, endpoint.failures).after(attempt)
    _remember(endpoint, health)
    if health.spent(now):
        endpoint.disabled_at = now
        endpoint.disabled_reason = (
            "The receiver answered that it wants no more messages."
            if health.gone
            else "For five days no message was accepted. Mend the receiver, then switch it on again."
        )


def _remember(endpoint: WebhookEndpoint, health: Health) -> None:
    endpoint.failing_since = health.failing_since
    endpoint.last_failure = health.last_failure
    endpoint.failures = health.failures


def _checked_url(hub: Hub, url: str) -> str:
    try:
        check_url(url, policy_for(allow_private=hub.settings.allow_private_callbacks))
    except DestinationRefused as error:
        raise Unprocessable("url", f"cannot be called. {error}") from error
    return url


def _checked_events(given: Sequence[str] | None) -> list[Any]:
    offered = [name for name in EVENTS if name != TEST]
    for name in given or ():
        if name not in offered:
            raise Unprocessable("events", f"must be some of {', '.join(offered)}.")
    return [name for name in offered if not given or name in given]
