"""An account's hooks: subscribed, listed, dropped by whoever made them, ended by us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hub import rotation
from hub.errors import Conflict, NotFound, Unprocessable
from hub.hub import Hub
from hub.store.connection_tables import ConnectionRecord
from hub.store.hook_tables import HookGoodbye, HookSubscription
from hub.store.tables import Delivery, DeliveryAttempt, SavedVoice
from hub.subscriptions import ended
from webhooks.errors import DestinationRefused
from webhooks.guard import check_url, policy_for
from webhooks.health import Health
from webhooks.signing import new_secret
from webhooks.values import Attempt, Outcome

MOST_HOOKS: Final = 500
EVENTS: Final = ("generation.completed", "generation.failed", "generation.cancelled")
USUAL_EVENTS: Final = EVENTS[:2]


@dataclass(frozen=True, slots=True)
class NewHook:
    """What a builder asks for. No `events` are the usual two; None elsewhere narrows nothing."""

    target_url: str
    events: Sequence[str] = ()
    mode: str | None = None
    voice_id: str | None = None
    connection_id: str | None = None
    goodbye: bool = False


async def subscribe(hub: Hub, account_id: str, asked: NewHook, *, app: str | None = None) -> HookSubscription:
    """The new hook, or the one that has this target already, changed to what is asked now.

    `app` is the OAuth client that asks. Raises Unprocessable for what cannot be, Conflict at MOST_HOOKS and
    for a target that somebody else's hook has.
    """
    _check_url(hub, asked.target_url)
    events = _checked_events(asked.events)
    try:
        return await _subscribed(hub, account_id, asked, events, app)
    except IntegrityError:
        # The same target was subscribed in the same moment: now it is there to be changed.
        return await _subscribed(hub, account_id, asked, events, app)


async def _subscribed(
    hub: Hub, account_id: str, asked: NewHook, events: list[str], app: str | None
) -> HookSubscription:
    async with hub.database.transaction() as session:
        await _check_owned(session, account_id, asked)
        same = (HookSubscription.account_id == account_id, HookSubscription.target_url == asked.target_url)
        hook = await session.scalar(select(HookSubscription).where(*same).with_for_update())
        if hook is None:
            await _refuse_too_many(session, account_id)
            hook = HookSubscription(
                id=str(uuid4()),
                account_id=account_id,
                target_url=asked.target_url,
                secrets=rotation.sealed(hub.secrets, new_secret()),
                created_at=hub.now(),
            )
            session.add(hook)
        elif not _may_touch(hook, account_id, app):
            raise Conflict("This target belongs to a hook that was not made by this app.", code="hook_taken")
        else:
            hook.secrets = rotation.rotated(hub.secrets, hook.secrets, new_secret(), hub.now())
        hook.app, hook.events, hook.goodbye = app, events, asked.goodbye
        hook.mode, hook.voice_id, hook.connection_id = asked.mode, asked.voice_id, asked.connection_id
        _remember(hook, Health())
    return hook


async def find_hook(
    session: AsyncSession, account_id: str, hook_id: str, *, app: str | None = None
) -> HookSubscription:
    """Raises NotFound also for another account's, and for an `app` also for one that it did not make."""
    hook = await session.get(HookSubscription, hook_id)
    if hook is None or not _may_touch(hook, account_id, app):
        raise NotFound(
            "Hook not found: it was taken back, or its target answered 410.", code="hook_not_found"
        )
    return hook


async def list_hooks(
    session: AsyncSession, account_id: str, *, app: str | None = None
) -> Sequence[HookSubscription]:
    """Oldest first; with `app` those of one OAuth client."""
    chosen = select(HookSubscription).where(HookSubscription.account_id == account_id)
    if app is not None:
        chosen = chosen.where(HookSubscription.app == app)
    return (await session.scalars(chosen.order_by(HookSubscription.created_at, HookSubscription.id))).all()


async def unsubscribe(hub: Hub, account_id: str, hook_id: str, *, app: str | None = None) -> None:
    """Whoever subscribed takes it back; one that is not there, or not this app's, is taken back already."""
    async with hub.database.transaction() as session:
        hook = await session.get(HookSubscription, hook_id, with_for_update=True)
        if hook is not None and _may_touch(hook, account_id, app):
            await _drop(session, hook)


def _may_touch(hook: HookSubscription, account_id: str, app: str | None) -> bool:
    """The owner may touch all hooks of the account, an app only its own."""
    return hook.account_id == account_id and app in (None, hook.app)


async def end_hook(session: AsyncSession, hook: HookSubscription, now: datetime) -> None:
    """We drop a hook ourselves, and its target is told so where it wants to know."""
    if hook.goodbye:
        session.add(HookGoodbye(id=str(uuid4()), target_url=hook.target_url, next_at=now))
    await _drop(session, hook)


async def end_hooks_of(session: AsyncSession, account_id: str, now: datetime) -> None:
    """All of a closing account, in the order in which workers lock them."""
    for hook in sorted(await list_hooks(session, account_id), key=lambda one: one.id):
        await end_hook(session, hook, now)


async def lock_to_note(session: AsyncSession, hook_id: str, attempt: Attempt) -> HookSubscription | None:
    """The hook, locked, when the attempt changes its record of failures; most successes change nothing."""
    chosen = select(HookSubscription).where(HookSubscription.id == hook_id)
    if attempt.outcome is Outcome.DELIVERED:
        chosen = chosen.where(HookSubscription.failing_since.is_not(None))
    locked: HookSubscription | None = await session.scalar(
        chosen.with_for_update().execution_options(populate_existing=True)
    )
    return locked


async def note_attempt(
    session: AsyncSession, hook: HookSubscription | None, attempt: Attempt, now: datetime
) -> None:
    """Keep the record of failures of a hook that `lock_to_note` locked; one that is gone or has failed for
    days is dropped."""
    if hook is None:
        return
    health = Health(hook.failing_since, hook.last_failure, hook.failures).after(attempt)
    _remember(hook, health)
    if health.gone:
        await _drop(session, hook)
        session.add(ended.record_of(hook, ended.GONE, now))
    elif health.spent(now):
        await end_hook(session, hook, now)
        session.add(ended.record_of(hook, ended.SPENT, now))


async def _drop(session: AsyncSession, hook: HookSubscription) -> None:
    sent = select(Delivery.id).where(Delivery.hook_id == hook.id)
    await session.execute(delete(DeliveryAttempt).where(DeliveryAttempt.delivery_id.in_(sent)))
    await session.execute(delete(Delivery).where(Delivery.hook_id == hook.id))
    await session.delete(hook)


async def _refuse_too_many(session: AsyncSession, account_id: str) -> None:
    count = select(func.count()).where(HookSubscription.account_id == account_id)
    if (await session.scalar(count) or 0) >= MOST_HOOKS:
        raise Conflict(f"This account has {MOST_HOOKS} hooks already; switch off a Zap or a scenario first.")


async def _check_owned(session: AsyncSession, account_id: str, asked: NewHook) -> None:
    for field, table, wanted in (
        ("voice_id", SavedVoice, asked.voice_id),
        ("connection_id", ConnectionRecord, asked.connection_id),
    ):
        if wanted is None:
            continue
        found: SavedVoice | ConnectionRecord | None = await session.get(table, wanted)
        deleted = isinstance(found, SavedVoice) and found.deleted_at is not None
        if found is None or deleted or found.account_id != account_id:
            raise Unprocessable(field, "must be the id of one in this account.")


def _check_url(hub: Hub, url: str) -> None:
    try:
        check_url(url, policy_for(allow_private=hub.settings.allow_private_callbacks))
    except DestinationRefused as error:
        raise Unprocessable("target_url", f"cannot be called. {error}") from error


def _checked_events(given: Sequence[str]) -> list[str]:
    for name in given:
        if name not in EVENTS:
            raise Unprocessable("events", f"must be some of {', '.join(EVENTS)}.")
    return [name for name in EVENTS if name in (given or USUAL_EVENTS)]


def _remember(hook: HookSubscription, health: Health) -> None:
    hook.failing_since, hook.last_failure = health.failing_since, health.last_failure
    hook.failures = health.failures
