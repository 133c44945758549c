"""Looking through what is on a platform for what was announced and did not reach us.

A platform that gives up after a few tries may have switched our hook off as well, so it is registered afresh
first. What is found is kept like a delivery; what was spoken already is known by its hash and costs nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import structlog

from connectors.connector import Connector
from connectors.contract import Backfill
from connectors.errors import ConnectionBroken, ConnectorError, TryAgain
from connectors.flow import MOST_SETTING_UP
from connectors.values import Batch, Found
from hub.connections import status
from hub.connections.catalogue import catalogue
from hub.connections.hooks import hook_of
from hub.connections.inbox import Arrival, insert_new
from hub.connections.jobs import LOOK, events_job
from hub.connections.platform import Platform
from hub.connections.reading import written
from hub.connections.records import ConnectionStatus
from hub.hub import Hub
from hub.store.connection_tables import ConnectionRecord
from webhooks.schedule import parse_retry_after

OVERLAP: Final = timedelta(days=1)
"""How far before the last look the next one begins; what is found twice is known by its delivery id."""

_EVER: Final = datetime.min.replace(tzinfo=UTC)
_PATIENCE: Final = timedelta(minutes=5)
_LONGEST_PATIENCE: Final = timedelta(days=1)
_PAGES_AT_ONCE: Final = 100
"""How many are gone through before other connections have their turn."""

_LONGEST_ID: Final = 250
_NEXT_AT: Final = "next_at"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at a live connection, from the page where the last try of it stopped."""

    record: ConnectionRecord
    connector: Connector
    backfill: Backfill
    since: datetime


class LookJob:
    """The deliver queue's job that looks through one connection. `client` is one of `webhooks.guard`."""

    def __init__(self, hub: Hub, client: httpx.AsyncClient) -> None:
        self._hub = hub
        self._platform = Platform(hub, client)

    async def run(self, context: dict[Any, Any]) -> None:
        look = await self._begin(context["job_id"].removeprefix(LOOK))
        if look is None:
            return
        try:
            if not await self._look(look):
                context[_NEXT_AT] = None
        except ConnectionBroken as error:
            await status.break_connection(self._hub, look.record.id, str(error))
        except TryAgain as error:
            now = self._hub.now()
            wanted = timedelta(seconds=parse_retry_after(error.retry_after, now) or 0.0)
            at = now + min(max(wanted, _PATIENCE), _LONGEST_PATIENCE)
            await self._keep(look, look_at=at)
            context[_NEXT_AT] = at
        except ConnectorError as error:
            log.warning("look_refused", connector=look.connector.name, code=error.code)
            await self._keep(look, look_at=next_look(look.connector, self._hub.now()), look_after=None)

    async def after(self, context: dict[Any, Any]) -> None:
        if _NEXT_AT in context:
            await self._hub.queue.enqueue_delivery(context["job_id"], context[_NEXT_AT])

    async def _begin(self, connection_id: str) -> _Look | None:
        async with self._hub.database.reading() as session:
            record = await session.get(ConnectionRecord, connection_id)
        now = self._hub.now()
        if record is None or record.status != ConnectionStatus.LIVE or (record.look_at or now) > now:
            return None
        connector = catalogue(self._hub.settings).get(record.connector)
        if record.look_at is None or connector is None or connector.backfill is None:
            return None
        seen = record.created_at if record.looked_at is None else record.looked_at - OVERLAP
        since = _EVER if record.fill_at else max(seen, record.created_at)
        return _Look(record, connector, connector.backfill, since)

    async def _look(self, look: _Look) -> bool:
        """Whether it came to its end; if not, it goes on at the page that is kept, after other work."""
        began, after = self._hub.now(), look.record.look_after
        if after is None:
            await self._register(look)
        found, is_over = 0, False
        for _ in range(_PAGES_AT_ONCE):
            batch = await self._page(look, after)
            found += await self._take(look, batch)
            is_over = batch.after in (None, after) or _is_past(batch, look.since)
            after = batch.after
            if is_over:
                await self._end(look, began)
                break
            await self._keep(look, look_after=after)
        if found:
            await self._hub.queue.enqueue_delivery(events_job(look.record.id), None)
        return is_over

    async def _register(self, look: _Look) -> None:
        connect = look.connector.connect
        if connect is None:
            return
        hook = hook_of(self._hub, look.connector, look.record)
        state = await self._platform.run(
            look.connector,
            look.record,
            lambda connection: connect(connection, hook),
            most=MOST_SETTING_UP,
            patient=True,
        )
        await self._keep(look, state=dict(state))

    async def _page(self, look: _Look, after: str | None) -> Batch:
        async with self._hub.database.reading() as session:
            record = await session.get(ConnectionRecord, look.record.id)
        if record is None:
            return Batch(())
        return await self._platform.run(
            look.connector, record, lambda connection: look.backfill(connection, after), most=MOST_SETTING_UP
        )

    async def _take(self, look: _Look, batch: Batch) -> int:
        late = [found for found in batch.found if found.changed_at is None or found.changed_at > look.since]
        if late:
            async with self._hub.database.transaction() as session:
                if await session.get(ConnectionRecord, look.record.id, with_for_update=True) is None:
                    return 0
                arrivals = [self._arrival(look, found) for found in late]
                await insert_new(session, arrivals, origin="found")
        return len(late)

    def _arrival(self, look: _Look, found: Found) -> Arrival:
        payload, headers = written(look.connector, found)
        # What is to be spoken afresh, by another template perhaps, must not be known from an earlier look.
        filling = look.record.fill_at
        run = f"fill:{filling.timestamp():.0f}" if filling else "found"
        named = f"{run}:{found.delivery_id}"
        if len(named) > _LONGEST_ID:
            named = f"{run}:{hashlib.sha256(named.encode()).hexdigest()}"
        return Arrival(look.record.id, named, payload, dict(headers), self._hub.now())

    async def _end(self, look: _Look, began: datetime) -> None:
        """A filling that was agreed to meanwhile has its own look still before it."""
        async with self._hub.database.transaction() as session:
            row = await session.get(ConnectionRecord, look.record.id, with_for_update=True)
            if row is None:
                return
            row.looked_at, row.look_after = began, None
            if row.fill_at == look.record.fill_at:
                row.fill_at, row.look_at = None, next_look(look.connector, self._hub.now())

    async def _keep(self, look: _Look, **values: Any) -> None:
        async with self._hub.database.transaction() as session:
            row = await session.get(ConnectionRecord, look.record.id, with_for_update=True)
            if row is not None:
                for name, value in values.items():
                    setattr(row, name, value)


def next_look(connector: Connector, now: datetime) -> datetime | None:
    """When to look again; None where the connector is never looked through of itself."""
    events = connector.manifest.events
    hours = 0 if events is None else events.sweep_hours
    return now + timedelta(hours=hours) if hours else None


def _is_past(batch: Batch, since: datetime) -> bool:
    """Whether all that comes after `batch` was there at the last look."""
    changed = [found.changed_at for found in batch.found]
    return batch.newest_first and bool(changed) and all(at is not None and at <= since for at in changed)


def tells_of_more(connector: Connector, name: str | None) -> bool:
    """Whether an event says that things changed, but not which."""
    events = connector.manifest.events
    return events is not None and name in events.sweeps
