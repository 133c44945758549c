"""Reading what was kept: each waiting event becomes a job, or is left out with the reason.

The event's verdict, the job, its credits and the target's hash are one transaction: an event that is read
twice, by two workers or after a crash, becomes one job.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from connectors.connector import Connector
from connectors.echo import already_spoken
from connectors.errors import ConnectionBroken, TryAgain
from connectors.values import Ended, Ignored, SpeechOrder
from hub import jobs
from hub.connections import status
from hub.connections.catalogue import catalogue, read_anyway
from hub.connections.ending import end_connection, erase_connection, is_newer
from hub.connections.finished import order_push
from hub.connections.inbox import Arrival, insert_new
from hub.connections.jobs import EVENTS, look_job
from hub.connections.looking import tells_of_more
from hub.connections.platform import Platform
from hub.connections.reading import Reading, Several, Unreadable, read, written
from hub.connections.records import ConnectionStatus
from hub.connections.targets import target_for
from hub.errors import InsufficientCredits, ServerBusy
from hub.hub import Hub
from hub.store.connection_tables import ConnectionRecord, InboundEvent, Push, TargetRecord
from hub.store.tables import Generation
from webhooks.schedule import Uniform, next_time, parse_retry_after
from webhooks.values import Attempt, Outcome

AT_ONCE: Final = 50
_BUSY_PAUSE: Final = timedelta(seconds=10)
_CLOCKS_APART: Final = timedelta(minutes=15)
_NEXT_AT: Final = "next_at"
_OVERTAKEN: Final = "It came late: a newer version was read already."


@dataclass(frozen=True, slots=True)
class _Written:
    """What is to be told to the queue after the transaction."""

    job: bool = False
    deliveries: Sequence[str] = ()


class EventsJob:
    """The deliver queue's job that reads one connection's waiting events, in the order they came.

    `client` is one of `webhooks.guard.open_client`.
    """

    def __init__(self, hub: Hub, client: httpx.AsyncClient, *, uniform: Uniform = random.uniform) -> None:
        self._hub = hub
        self._platform = Platform(hub, client)
        self._uniform = uniform

    async def run(self, context: dict[Any, Any]) -> None:
        connection_id = context["job_id"].removeprefix(EVENTS)
        try:
            while batch := await self._waiting(connection_id):
                for event_id in batch:
                    await self.process(event_id)
        except ServerBusy:
            context[_NEXT_AT] = self._hub.now() + _BUSY_PAUSE

    async def after(self, context: dict[Any, Any]) -> None:
        """What came while the queue still knew this job was not announced to it."""
        if _NEXT_AT in context:
            await self._hub.queue.enqueue_delivery(context["job_id"], context[_NEXT_AT])
        elif await self._waiting(context["job_id"].removeprefix(EVENTS)):
            await self._hub.queue.enqueue_delivery(context["job_id"], None)

    async def process(self, event_id: str) -> None:
        """Decide one event. Raises ServerBusy when the queue of jobs is full; the event goes on waiting."""
        async with self._hub.database.reading() as session:
            event = await session.get(InboundEvent, event_id)
            record = None if event is None else await session.get(ConnectionRecord, event.connection_id)
        if event is None or record is None or event.verdict != "waiting":
            return
        if not _may_be_read(self._hub, record, event):
            return  # its connection was paused or broken since the events before it were read
        connector = catalogue(self._hub.settings).get(record.connector)
        if connector is None:
            sentence = "Its connector is no longer installed on this hub."
            await self._settle(event, Reading(event.name, Unreadable("connector_missing", sentence)), None)
            return
        await self._conclude(connector, event, record, await read(self._platform, connector, record, event))

    async def _conclude(
        self, connector: Connector, event: InboundEvent, record: ConnectionRecord, reading: Reading
    ) -> None:
        verdict = reading.verdict
        if isinstance(verdict, SpeechOrder):
            await self._order(event, record, reading, verdict)
            return
        if isinstance(verdict, ConnectionBroken):
            await status.break_connection(self._hub, record.id, str(verdict))
        elif isinstance(verdict, TryAgain):
            await self._postpone(event, verdict)
        elif isinstance(verdict, Ended) and verdict.erase and not is_newer(record, verdict):
            await erase_connection(self._hub, record)
        else:
            await self._settle(event, reading, connector)
            if isinstance(verdict, Ended) and not is_newer(record, verdict):
                await end_connection(self._hub, connector, record, verdict)

    async def _order(
        self, event: InboundEvent, record: ConnectionRecord, reading: Reading, order: SpeechOrder
    ) -> None:
        generation = await jobs.prepare(self._hub, order, account_id=record.account_id)
        try:
            async with self._hub.database.transaction() as session:
                written = await self._write(session, event.id, reading, order, generation)
        except InsufficientCredits as error:
            await jobs.forget(self._hub, generation)
            asked = error.detail.removesuffix(" Top up and try again.")
            unpaid = Unreadable(error.code, f"{asked} Top up and replay this event.")
            await self._settle(event, replace(reading, verdict=unpaid), None)
            return
        except BaseException:
            await jobs.forget(self._hub, generation)
            raise
        if written.job:
            await jobs.enqueue(self._hub, order, generation)
        else:
            await jobs.forget(self._hub, generation)
        for delivery in written.deliveries:
            await self._hub.queue.enqueue_delivery(delivery, None)

    async def _write(
        self,
        session: AsyncSession,
        event_id: str,
        reading: Reading,
        order: SpeechOrder,
        generation: Generation,
    ) -> _Written:
        event, connection = await _locked(self._hub, session, event_id)
        if event is None or connection is None:
            return _Written()
        assert order.target is not None, "connectors.reception.decide sees to it"
        now = self._hub.now()
        target = await target_for(session, connection.id, order.target, now, is_test=event.origin == "test")
        if event.origin != "test":
            saved = _credible(order.target.as_of, now)
            if saved is not None and target.as_of is not None and saved < target.as_of:
                _record(connection, event, reading.name, Ignored(_OVERTAKEN), now)
                return _Written()
            target.as_of = saved or target.as_of
        same = already_spoken(order, target.spoken_hash)
        if same is not None and event.origin != "test":
            pushes = await _push_again(session, target, self._hub)
            _record(connection, event, reading.name, same, now)
            event.generation_id = target.generation_id
            return _Written(deliveries=pushes)
        await jobs.record(session, self._hub, order, generation)
        target.spoken_hash = order.spoken_hash
        target.generation_id = generation.id
        target.is_awaited = reading.awaited is not None
        event.generation_id = generation.id
        _record(connection, event, reading.name, order, now)
        return _Written(job=True)

    async def _settle(self, event: InboundEvent, reading: Reading, connector: Connector | None) -> None:
        async with self._hub.database.transaction() as session:
            row, connection = await _locked(self._hub, session, event.id)
            if row is None or connection is None:
                return
            _record(connection, row, reading.name, reading.verdict, self._hub.now())
            if connector is not None and isinstance(reading.verdict, Several):
                await _keep_parts(session, connector, row, reading.verdict)
            if connector is not None and _is_private(connector, reading.name):
                row.payload, row.headers = b"", {}
            looks = connector is not None and tells_of_more(connector, reading.name)
            if looks:
                connection.look_at = self._hub.now()
            failures = await self._tell(session, connection, reading)
        for failure in failures:
            await self._hub.queue.enqueue_delivery(failure, None)
        if looks:
            await self._hub.queue.enqueue_delivery(look_job(event.connection_id), None)

    async def _postpone(self, event: InboundEvent, error: TryAgain) -> None:
        """What is to be read is on the platform, and that has no time now."""
        now = self._hub.now()
        wanted = parse_retry_after(error.retry_after, now)
        attempt = Attempt(now, None, 0, None, None, Outcome.RETRY, retry_after=wanted)
        async with self._hub.database.transaction() as session:
            row, connection = await _locked(self._hub, session, event.id)
            if row is None or connection is None:
                return
            row.tries += 1
            row.not_before = next_time(attempt, row.tries, self._uniform)
            row.sentence = str(error)
            if row.not_before is None:
                _record(connection, row, row.name, Unreadable(error.code, f"{error} No tries are left."), now)

    async def _tell(
        self, session: AsyncSession, connection: ConnectionRecord, reading: Reading
    ) -> Sequence[str]:
        """Who waits hears why no audio will come; returns the pushes to be enqueued."""
        match reading.verdict:
            case Ignored(reason=why) | Unreadable(sentence=why) if reading.awaited is not None:
                now = self._hub.now()
                target = await target_for(session, connection.id, reading.awaited, now)
                return [await order_push(session, target, None, now, failure=why)]
        return []

    async def _waiting(self, connection_id: str) -> Sequence[str]:
        chosen = (
            select(InboundEvent.id)
            .join(ConnectionRecord, ConnectionRecord.id == InboundEvent.connection_id)
            .where(
                InboundEvent.connection_id == connection_id,
                InboundEvent.verdict == "waiting",
                is_readable(self._hub),
            )
            .order_by(InboundEvent.received_at, InboundEvent.id)
            .limit(AT_ONCE)
        )
        async with self._hub.database.reading() as session:
            return (await session.scalars(chosen)).all()


async def _locked(
    hub: Hub, session: AsyncSession, event_id: str
) -> tuple[InboundEvent | None, ConnectionRecord | None]:
    """The event and its connection, when the event still waits and may be read."""
    event = await session.get(InboundEvent, event_id, with_for_update=True)
    if event is None or event.verdict != "waiting":
        return None, None
    connection = await session.get(ConnectionRecord, event.connection_id, with_for_update=True)
    if connection is None or not _may_be_read(hub, connection, event):
        return None, None
    return event, connection


def _credible(saved: datetime | None, now: datetime) -> datetime | None:
    """A time that lies ahead is a wrong clock's, and would keep out everything until then."""
    return saved if saved is not None and saved <= now + _CLOCKS_APART else None


def _record(
    connection: ConnectionRecord,
    event: InboundEvent,
    name: str | None,
    verdict: object,
    now: datetime,
) -> None:
    event.name = name
    event.decided_at = now
    match verdict:
        case Ignored():
            event.verdict, event.code, event.sentence = "ignored", None, verdict.reason
            connection.ignored += 1
        case Ended():
            event.verdict, event.code, event.sentence = "ignored", None, verdict.reason
            connection.ignored += 1
        case Several():
            event.verdict, event.code = "ignored", None
            event.sentence = f"It tells of {len(verdict.parts)} things; each is an event of its own."
        case Unreadable():
            event.verdict, event.code, event.sentence = "failed", verdict.code, verdict.sentence
            connection.failed += 1
        case _:
            event.verdict, event.code, event.sentence = "spoken", None, None
            connection.spoken += 1


async def _keep_parts(
    session: AsyncSession, connector: Connector, row: InboundEvent, several: Several
) -> None:
    arrivals = []
    for part in several.parts:
        payload, headers = written(connector, part)
        arrivals.append(Arrival(row.connection_id, part.delivery_id, payload, dict(headers), row.received_at))
    await insert_new(session, arrivals, origin="part")


def _is_private(connector: Connector, name: str | None) -> bool:
    """Events a connector ignores may tell of people; what they say is not ours to keep."""
    events = connector.manifest.events
    return events is not None and name in events.ignored


def is_readable(hub: Hub) -> ColumnElement[bool]:
    """Whether a waiting event may be read now: in a connection that is not live, only what is read anyway."""
    is_due = or_(InboundEvent.not_before.is_(None), InboundEvent.not_before <= hub.now())
    anyway = [
        and_(ConnectionRecord.connector == connector.name, InboundEvent.name.in_(sorted(names)))
        for connector in catalogue(hub.settings).values()
        if (names := read_anyway(connector))
    ]
    return and_(is_due, or_(ConnectionRecord.status == ConnectionStatus.LIVE, *anyway))


def _may_be_read(hub: Hub, connection: ConnectionRecord, event: InboundEvent) -> bool:
    """The same of one event, which was due when it was chosen."""
    connector = catalogue(hub.settings).get(connection.connector)
    is_live = connection.status == ConnectionStatus.LIVE
    return is_live or (connector is not None and event.name in read_anyway(connector))


async def _push_again(session: AsyncSession, target: TargetRecord, hub: Hub) -> list[str]:
    """The audio is there but did not get back to the platform: what the platform sends now mends that."""
    if target.audio_generation_id is None or target.audio_generation_id != target.generation_id:
        return []
    newest = select(Push).where(Push.target_id == target.id).order_by(Push.created_at.desc()).limit(1)
    last = await session.scalar(newest)
    if last is None or last.status != "failed":
        return []
    return [await order_push(session, target, target.audio_generation_id, hub.now())]


async def count_waiting(session: AsyncSession, connection_id: str) -> int:
    """Events that are kept and not read yet."""
    waiting = select(func.count()).where(
        InboundEvent.connection_id == connection_id, InboundEvent.verdict == "waiting"
    )
    return await session.scalar(waiting) or 0
