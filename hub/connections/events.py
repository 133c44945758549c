"""What came in and what became of it, for the owner: the list, the journey of one event, reading it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from hub.connections.catalogue import connector_named
from hub.connections.connecting import tell_queue
from hub.connections.finished import order_push
from hub.connections.jobs import events_job
from hub.connections.records import find_connection
from hub.connections.samples import sample_of
from hub.errors import Conflict, NotFound
from hub.hub import Hub
from hub.store.connection_tables import InboundEvent, Push, Refusal, TargetRecord
from hub.store.cursors import cursor_at, parse_cursor
from hub.store.tables import Generation


@dataclass(frozen=True, slots=True)
class Journey:
    """An event, the job it became, and that job's way back; each None where it did not get that far."""

    event: InboundEvent
    generation: Generation | None
    push: Push | None
    target: TargetRecord | None


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Journey]
    next_cursor: str | None


async def journeys(
    session: AsyncSession,
    connection_id: str,
    *,
    limit: int = 20,
    before: datetime | None = None,
    cursor: str | None = None,
) -> Page:
    """Newest first; `cursor` is a page's `next_cursor`, and stays right while new events arrive."""
    chosen = select(InboundEvent).where(InboundEvent.connection_id == connection_id)
    if before is not None:
        chosen = chosen.where(InboundEvent.received_at < before)
    if cursor is not None:
        place = tuple_(InboundEvent.received_at, InboundEvent.id)
        chosen = chosen.where(place < tuple_(*parse_cursor(cursor)))
    newest = chosen.order_by(InboundEvent.received_at.desc(), InboundEvent.id.desc()).limit(limit + 1)
    found = (await session.scalars(newest)).all()
    events = found[:limit]
    more = cursor_at(events[-1].received_at, events[-1].id) if len(found) > limit else None
    return Page(await _journeys(session, events), more)


async def _journeys(session: AsyncSession, events: Sequence[InboundEvent]) -> Sequence[Journey]:
    wanted = {event.generation_id for event in events if event.generation_id}
    jobs = await session.scalars(select(Generation).where(Generation.id.in_(wanted)))
    generations = {row.id: row for row in jobs}
    pushes: dict[str, Push] = {}
    of_audio = select(Push).where(Push.generation_id.in_(wanted), Push.failure.is_(None))
    for push in await session.scalars(of_audio.order_by(Push.created_at)):
        pushes[push.generation_id or ""] = push
    playing = await session.scalars(select(TargetRecord).where(TargetRecord.generation_id.in_(wanted)))
    targets = {row.generation_id: row for row in playing}
    return [
        Journey(
            event,
            generations.get(event.generation_id or ""),
            pushes.get(event.generation_id or ""),
            targets.get(event.generation_id or ""),
        )
        for event in events
    ]


async def refusals(session: AsyncSession, connection_id: str) -> Sequence[Refusal]:
    """The newest first."""
    chosen = select(Refusal).where(Refusal.connection_id == connection_id)
    return (await session.scalars(chosen.order_by(Refusal.last_at.desc()))).all()


async def find_event(
    session: AsyncSession, account_id: str, connection_id: str, event_id: str, *, for_update: bool = False
) -> InboundEvent:
    """Raises NotFound."""
    await find_connection(session, account_id, connection_id)
    event = await session.get(InboundEvent, event_id, with_for_update=for_update or None)
    if event is None or event.connection_id != connection_id:
        raise NotFound("Event not found", code="event_not_found")
    return event


async def replay(hub: Hub, account_id: str, connection_id: str, event_id: str) -> InboundEvent:
    """Read an event again as the connection stands now; where only its push failed, push the audio again.

    Raises Conflict when it is too old to be read again, or is being read.
    """
    async with hub.database.transaction() as session:
        event = await find_event(session, account_id, connection_id, event_id, for_update=True)
        if event.verdict == "waiting":
            raise Conflict("The event is waiting to be read already.")
        tasks = await _push_again(session, hub, event)
        if not tasks:
            if not event.payload:
                raise Conflict("The event is too old: what it said is no longer kept.")
            event.verdict, event.code, event.sentence = "waiting", None, None
            event.generation_id, event.decided_at = None, None
            event.tries, event.not_before = 0, None
            tasks = [events_job(connection_id)]
    await tell_queue(hub, tasks)
    return event


async def send_test(hub: Hub, account_id: str, connection_id: str) -> InboundEvent:
    """Keep the connector's own sample as if it had come: it is read and spoken, and not pushed."""
    async with hub.database.transaction() as session:
        record = await find_connection(session, account_id, connection_id)
        connector = connector_named(hub.settings, record.connector)
        sample = sample_of(connector)
        event = InboundEvent(
            id=str(uuid4()),
            connection_id=connection_id,
            delivery_id=f"test:{uuid4()}",
            payload=sample.payload,
            headers=dict(sample.headers),
            origin="test",
            tries=0,
            verdict="waiting",
            received_at=hub.now(),
        )
        session.add(event)
    await tell_queue(hub, [events_job(connection_id)])
    return event


async def _push_again(session: AsyncSession, hub: Hub, event: InboundEvent) -> list[str]:
    if event.generation_id is None or event.origin == "test":
        return []
    playing = select(TargetRecord).where(TargetRecord.audio_generation_id == event.generation_id)
    target = await session.scalar(playing)
    newest = select(Push).where(Push.generation_id == event.generation_id)
    last = await session.scalar(newest.order_by(Push.created_at.desc()).limit(1))
    if target is None or last is None or last.status != "failed":
        return []
    return [await order_push(session, target, event.generation_id, hub.now())]
