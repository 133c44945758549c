"""Which deliveries are due, who is trying one now, and what each try met.

    waiting ──► delivered      a 2xx answer
       │ ▲
       │ └───── the next try has its time
       └──────► failed         410, an address not allowed, no tries left, 404 of a callback for minutes

A try is fenced by `attempts`: of two that overlap only the first to end is recorded.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hub.store.tables import Delivery, DeliveryAttempt
from hub.store.together import Place
from hub.subscriptions import hooks
from hub.webhooks import endpoints
from webhooks.schedule import STEP_DELAYS, Uniform, next_time
from webhooks.values import Attempt, Outcome

WAITING, DELIVERED, FAILED = "waiting", "delivered", "failed"
_RESPONSE_CHARACTERS = 4096
_NO_STEP_WAITS = 404
"""A builder's callback address lives as long as the step that waits behind it."""
_TRIES_WITHOUT_STEP = 4
"""By the schedule about eight minutes: a step may be called before the builder itself knows its address."""


@dataclass(frozen=True, slots=True)
class Leased:
    """A delivery that is this process's to try. `attempts` counts the tries before this one."""

    id: str
    account_id: str
    generation_id: str | None
    url: str
    event: str
    attempts: int
    endpoint_id: str | None = None
    hook_id: str | None = None
    flat: bool = False


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a delivery goes and whose it is; a scenario builder's host (`flat`) is called at its own pace."""

    url: str
    flat: bool
    account_id: str


async def due(session: AsyncSession, now: datetime, limit: int) -> Sequence[str]:
    """Deliveries to try now that nobody is trying, the longest waiting first."""
    chosen = select(Delivery.id).where(_is_due(now)).order_by(Delivery.next_at).limit(limit)
    return (await session.scalars(chosen)).all()


async def destination(session: AsyncSession, delivery_id: str, now: datetime) -> Destination | None:
    """Where a delivery goes that is due and that nobody is trying; None for any other."""
    chosen = select(Delivery.url, Delivery.flat, Delivery.account_id).where(
        Delivery.id == delivery_id, _is_due(now)
    )
    found = (await session.execute(chosen)).one_or_none()
    return None if found is None else Destination(*found)


async def lease(session: AsyncSession, delivery_id: str, now: datetime, seconds: float) -> Leased | None:
    """Take a due delivery for so many seconds; None when it is not due, done, or being tried."""
    taken = await session.scalar(
        update(Delivery)
        .where(Delivery.id == delivery_id, _is_due(now))
        .values(leased_until=now + timedelta(seconds=seconds))
        .returning(Delivery)
    )
    if taken is None:
        return None
    return Leased(
        taken.id,
        taken.account_id,
        taken.generation_id,
        taken.url,
        taken.event,
        taken.attempts,
        taken.endpoint_id,
        taken.hook_id,
        taken.flat,
    )


async def record_attempt(
    session: AsyncSession, leased: Leased, attempt: Attempt, uniform: Uniform
) -> datetime | None:
    """Log the try and decide what follows; returns the time of the next one, None when there is none.

    An endpoint's or a hook's record of failures moves with it, and may switch the endpoint off. Its row is
    locked before the delivery's, as by whoever drops it with its deliveries.
    """
    note = await _noting(session, leased, attempt)
    made = leased.attempts + 1
    again = _next_time(leased, attempt, made, uniform)
    values: dict[str, Any] = {"attempts": made, "leased_until": None, "status": _status(attempt, again)}
    if again is not None:
        values["next_at"] = again
    recorded = await session.execute(
        update(Delivery)
        .where(Delivery.id == leased.id, Delivery.status == WAITING, Delivery.attempts == leased.attempts)
        .values(values)
        .returning(Delivery.id)
    )
    if recorded.scalar_one_or_none() is None:
        return None
    session.add(
        DeliveryAttempt(
            delivery_id=leased.id,
            at=attempt.at,
            status=attempt.status,
            milliseconds=attempt.milliseconds,
            error=attempt.error[:300] if attempt.error else None,
            response=attempt.response[:_RESPONSE_CHARACTERS] if attempt.response else None,
        )
    )
    await note()
    return again


def place_of_lease(delivery_id: str) -> Place:
    """Where a lease stands among the writes of one transaction: after the records, which may lock more."""
    return (1, delivery_id)


def place_of_record(leased: Leased, attempt: Attempt) -> Place:
    """Where `record_attempt` stands: by endpoint or hook, and what locks that before what may not."""
    delivered = attempt.outcome is Outcome.DELIVERED
    return (0, leased.endpoint_id or leased.hook_id or "", int(delivered), leased.id)


async def _noting(session: AsyncSession, leased: Leased, attempt: Attempt) -> Callable[[], Awaitable[None]]:
    """Locks what is to hear of the try, and returns how it hears."""
    if not (attempt.status or attempt.fault):
        return _nothing
    if leased.endpoint_id is not None:
        endpoint = await endpoints.lock_to_note(session, leased.endpoint_id, attempt)
        return partial(endpoints.note_attempt, endpoint, attempt, attempt.at)
    if leased.hook_id is not None:
        hook = await hooks.lock_to_note(session, leased.hook_id, attempt)
        return partial(hooks.note_attempt, session, hook, attempt, attempt.at)
    return _nothing


async def _nothing() -> None:
    """Nobody keeps a record of failures for a callback."""


def _next_time(leased: Leased, attempt: Attempt, made: int, uniform: Uniform) -> datetime | None:
    if not leased.flat:
        return next_time(attempt, made, uniform)
    if leased.hook_id is None and attempt.status == _NO_STEP_WAITS and made >= _TRIES_WITHOUT_STEP:
        return None
    return next_time(attempt, made, uniform, STEP_DELAYS)


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(
        Delivery.status == WAITING,
        Delivery.next_at <= now,
        or_(Delivery.leased_until.is_(None), Delivery.leased_until <= now),
    )


def _status(attempt: Attempt, again: datetime | None) -> str:
    if attempt.outcome is Outcome.DELIVERED:
        return DELIVERED
    return FAILED if again is None else WAITING
