"""Speaking what was on a platform before we were: priced first, begun when its owner agrees to the price.

The pages are gone through by the same job that looks for what was missed, which goes on where it stopped.
What already sounds as it would is known by its hash and costs nothing.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import httpx
from anyio import to_thread
from sqlalchemy import select

from connectors.connector import Connector
from connectors.contract import Backfill
from connectors.echo import already_spoken
from connectors.errors import ConnectorError, TryAgain
from connectors.flow import MOST_SETTING_UP, Flow
from connectors.reception import decide
from connectors.values import Batch, Connection, Found, InboundEvent, SpeechOrder, Verdict
from hub.connections.catalogue import connector_named
from hub.connections.jobs import look_job
from hub.connections.platform import Platform
from hub.connections.records import ConnectionStatus, find_connection, load_connection
from hub.errors import Conflict, InsufficientCredits, Unprocessable
from hub.hub import Hub
from hub.money import order_price
from hub.store.connection_tables import ConnectionRecord, TargetRecord
from hub.store.tables import Account
from webhooks.guard import open_client, policy_for

SECONDS: Final = 40.0
"""What pricing may take; of a larger catalogue the rest is reckoned from what was seen."""


@dataclass(frozen=True, slots=True)
class Price:
    """What speaking everything would cost. `total` things are there, of which `seen` were looked at.

    Of those, `to_speak` would be spoken, `unchanged` already sound as they would, `left_out` are not for
    reading and `unreadable` do not fit the template. `credits` are for all; `balance` is what is there.
    """

    total: int
    seen: int
    to_speak: int
    unchanged: int
    left_out: int
    unreadable: int
    credits: int
    balance: int


async def price(hub: Hub, account_id: str, connection_id: str) -> Price:
    """Raises Conflict where there is nothing to look through, Unprocessable with the platform's reason."""
    record, connector, backfill = await _place(hub, account_id, connection_id)
    connection, count = await load_connection(hub, record), _Count()
    policy = policy_for(allow_private=hub.settings.allow_private_callbacks)
    try:
        async with open_client(policy) as client:
            after = await _count_pages(hub, client, connector, backfill, connection, record, count)
    except ConnectorError as error:
        raise Unprocessable("connection", str(error)) from error
    async with hub.database.reading() as session:
        balance = await session.scalar(select(Account.credits).where(Account.id == account_id)) or 0
    return count.price(balance, whole=after is None)


async def start(hub: Hub, account_id: str, connection_id: str, agreed: int) -> Price:
    """Begin, if it costs no more than `agreed`. Raises Conflict when it does, and InsufficientCredits."""
    now_asked = await price(hub, account_id, connection_id)
    if now_asked.credits > agreed:
        raise Conflict(
            f"Speaking what is there costs {now_asked.credits} credits now, more than the {agreed} you "
            "agreed to. Look at the price again.",
            code="price_changed",
        )
    if now_asked.credits > now_asked.balance:
        raise InsufficientCredits(balance=now_asked.balance, price=now_asked.credits)
    async with hub.database.transaction() as session:
        row = await find_connection(session, account_id, connection_id, for_update=True)
        row.fill_at = row.look_at = hub.now()
        row.look_after = None
    await hub.queue.enqueue_delivery(look_job(connection_id), None)
    return now_asked


@dataclass(slots=True)
class _Count:
    total: int | None = None
    seen: int = 0
    to_speak: int = 0
    unchanged: int = 0
    left_out: int = 0
    unreadable: int = 0
    credits: int = 0

    def add(self, verdict: Verdict | ConnectorError, last_hash: str | None) -> None:
        self.seen += 1
        if isinstance(verdict, ConnectorError):
            self.unreadable += 1
        elif not isinstance(verdict, SpeechOrder):
            self.left_out += 1
        elif already_spoken(verdict, last_hash):
            self.unchanged += 1
        else:
            self.to_speak += 1
            self.credits += order_price(verdict.request.mode, len(verdict.parts))

    def price(self, balance: int, *, whole: bool) -> Price:
        total = self.seen if whole else max(self.total or 0, self.seen)
        reckoned = self.credits if whole else math.ceil(self.credits * total / max(1, self.seen))
        counts = (self.to_speak, self.unchanged, self.left_out, self.unreadable)
        return Price(total, self.seen, *counts, reckoned, balance)


async def _place(
    hub: Hub, account_id: str, connection_id: str
) -> tuple[ConnectionRecord, Connector, Backfill]:
    async with hub.database.reading() as session:
        record = await find_connection(session, account_id, connection_id)
    connector = connector_named(hub.settings, record.connector)
    if connector.backfill is None:
        raise Conflict(f"{connector.manifest.name} cannot be looked through.", code="nothing_to_fill")
    if record.status != ConnectionStatus.LIVE:
        raise Conflict("The connection is not live. Let it go on first.", code="connection_not_live")
    return record, connector, connector.backfill


async def _count_pages(
    hub: Hub,
    client: httpx.AsyncClient,
    connector: Connector,
    backfill: Backfill,
    connection: Connection,
    record: ConnectionRecord,
    count: _Count,
) -> str | None:
    """The page where our time or the platform's patience ran out; None when all were seen."""
    until, after, platform = time.monotonic() + SECONDS, None, Platform(hub, client)
    while True:
        asked = partial(_ask, backfill, after)
        try:
            batch = await platform.run(connector, record, asked, most=MOST_SETTING_UP)
        except TryAgain:
            if count.seen == 0:
                raise
            return after  # it has no time for more now, and the rest can be reckoned
        count.total = batch.total if batch.total is not None else count.total
        verdicts = await to_thread.run_sync(_verdicts, hub, connector, connection, batch.found)
        hashes = await _hashes(hub, record.id, verdicts)
        for verdict in verdicts:
            count.add(verdict, hashes.get(_key(verdict)))
        after = batch.after
        if after is None or time.monotonic() >= until:
            return after


def _ask(backfill: Backfill, after: str | None, connection: Connection) -> Flow[Batch]:
    return backfill(connection, after)


def _verdicts(
    hub: Hub, connector: Connector, connection: Connection, found: Sequence[Found]
) -> list[Verdict | ConnectorError]:
    return [_verdict(hub, connector, connection, one) for one in found]


def _verdict(
    hub: Hub, connector: Connector, connection: Connection, found: Found
) -> Verdict | ConnectorError:
    event = InboundEvent(
        connector.name, connection.id, found.name, found.delivery_id, {}, found.payload, hub.now()
    )
    try:
        return decide(connector, event, connection)
    except ConnectorError as error:
        return error


async def _hashes(
    hub: Hub, connection_id: str, verdicts: Sequence[Verdict | ConnectorError]
) -> Mapping[str, str | None]:
    keys = [key for key in map(_key, verdicts) if key]
    chosen = select(TargetRecord.key, TargetRecord.spoken_hash).where(
        TargetRecord.connection_id == connection_id, TargetRecord.key.in_(keys)
    )
    async with hub.database.reading() as session:
        return {row.key: row.spoken_hash for row in await session.execute(chosen)}


def _key(verdict: Verdict | ConnectorError) -> str:
    return verdict.target.key if isinstance(verdict, SpeechOrder) and verdict.target is not None else ""
