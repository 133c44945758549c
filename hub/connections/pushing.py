"""The deliver queue's job that puts finished audio back where its event came from, or says that none comes.

waiting ──► pushed     the connector's flow went through
   │ ▲
   │ └───── the platform asks for patience, or did not answer: the schedule of `webhooks.schedule`
   ├──────► failed     the thing is gone, the platform will not take it, or no tries are left
   └─ ─ ─   the connection broke: it waits until the owner connects again
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import structlog
from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from connectors.connector import Connector
from connectors.errors import ConnectionBroken, ConnectorError, TargetGone, TryAgain
from connectors.flow import Flow
from connectors.values import Connection, SpeechResult, Target
from engine.values import AudioFormat
from hub.connections import status
from hub.connections.catalogue import catalogue
from hub.connections.jobs import PUSH
from hub.connections.platform import FLOW_SECONDS, Platform
from hub.connections.records import ConnectionStatus
from hub.connections.targets import lasting_url
from hub.errors import HubError
from hub.hub import Hub
from hub.store.connection_tables import ConnectionRecord, Push, TargetRecord
from hub.store.tables import Generation
from webhooks.schedule import Uniform, next_time, parse_retry_after
from webhooks.traffic import Sender, Traffic
from webhooks.values import Attempt, Fault, Outcome

LEASE_SECONDS: Final = 2 * FLOW_SECONDS + 60
"""Longer than a flow, the renewal of its tokens and a second try of it."""

_LEAST_WAIT: Final = 1.0
_NEXT_AT: Final = "next_at"
_GONE: Final = "The audio was erased before it was put back."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A push that is this process's to try, with all it needs."""

    push: Push
    target: TargetRecord
    connection: ConnectionRecord
    generation: Generation | None
    connector: Connector


class PushJob:
    """`client` is one of `webhooks.guard.open_client`; `clock` is any number of seconds that only grows."""

    def __init__(
        self,
        hub: Hub,
        client: httpx.AsyncClient,
        *,
        traffic: Traffic | None = None,
        uniform: Uniform = random.uniform,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hub = hub
        self._platform = Platform(hub, client)
        self._traffic = traffic or Traffic()
        self._uniform = uniform
        self._clock = clock

    async def run(self, context: dict[Any, Any]) -> None:
        push_id = context["job_id"].removeprefix(PUSH)
        found = await self._host(push_id)
        if found is None:
            return
        host, sender = found
        if wait := self._traffic.admit(host, self._clock(), sender):
            pause = max(wait, _LEAST_WAIT) * self._uniform(1.0, 2.0)
            context[_NEXT_AT] = self._hub.now() + timedelta(seconds=pause)
            return
        attempt: Attempt | None = None
        try:
            taken = await self._take(push_id)
            if taken is not None:
                attempt, context[_NEXT_AT] = await self._try(taken)
        finally:
            if attempt is None:
                self._traffic.abandon(host, self._clock(), sender)
            else:
                self._traffic.record(host, attempt, self._clock(), sender)

    async def after(self, context: dict[Any, Any]) -> None:
        if context.get(_NEXT_AT) is not None:
            await self._hub.queue.enqueue_delivery(context["job_id"], context[_NEXT_AT])

    async def _try(self, taken: _Taken) -> tuple[Attempt | None, datetime | None]:
        """What the platform's host showed of itself, and when to try again."""
        began = time.monotonic()
        try:
            await self._push(taken)
        except TryAgain as error:
            return await self._again(taken, error, began)
        except ConnectionBroken as error:
            await self._put_back(taken, error)
            await status.break_connection(self._hub, taken.connection.id, str(error))
            return self._answered(began, 401), None
        except (ConnectorError, HubError) as error:
            await self._finish(taken, "failed", error.code, str(error))
            return self._answered(began, 400), None
        except Exception as error:
            log.error("push_failed", connector=taken.connector.name, error=type(error).__name__)
            fault = TryAgain("The connector could not push; that is a fault of the connector.")
            return await self._again(taken, fault, began)
        await self._finish(taken, "pushed", None, None)
        return self._answered(began, 200), None

    async def _push(self, taken: _Taken) -> None:
        await self._platform.run(taken.connector, taken.connection, self._flow(taken))

    def _flow(self, taken: _Taken) -> Callable[[Connection], Flow[None]]:
        target, failure = Target(taken.target.key, taken.target.fields), taken.push.failure
        if failure is not None:
            fail = taken.connector.fail
            assert fail is not None, "_take sees to it"
            return lambda connection: fail(connection, target, failure)
        assert taken.generation is not None, "_take sees to it"
        result = self._result(taken, taken.generation)
        return lambda connection: taken.connector.push(connection, target, result)

    def _result(self, taken: _Taken, generation: Generation) -> SpeechResult:
        return SpeechResult(
            generation_id=generation.id,
            output_url=lasting_url(self._hub.settings.base_url, taken.target.token, generation.format),
            spoken_hash=taken.target.audio_hash or "",
            duration_seconds=generation.duration_seconds or 0.0,
            media_type=AudioFormat(generation.format).media_type,
            language=generation.spoken_language or generation.language,
        )

    async def _again(self, taken: _Taken, error: TryAgain, began: float) -> tuple[Attempt, datetime | None]:
        wanted = parse_retry_after(error.retry_after, self._hub.now())
        took = _milliseconds(began)
        attempt = Attempt(
            self._hub.now(), None, took, None, None, Outcome.RETRY, retry_after=wanted, fault=Fault.BROKEN
        )
        at = next_time(attempt, taken.push.attempts + 1, self._uniform)
        if at is None:
            await self._finish(taken, "failed", error.code, f"{error} There are no tries left.")
        else:
            await self._keep(taken, next_at=at, code=error.code, sentence=str(error))
            await self._remember(taken, error.keep)
        return attempt if error.strains else self._answered(began, 200), at

    async def _remember(self, taken: _Taken, keep: Mapping[str, str]) -> None:
        """What the next try is to know, unless another event wrote what it wants meanwhile."""
        async with self._hub.database.transaction() as session:
            target = await session.get(TargetRecord, taken.target.id, with_for_update=True) if keep else None
            if target is not None and target.fields == taken.target.fields:
                target.fields = {**target.fields, **keep}

    def _answered(self, began: float, status: int) -> Attempt:
        """What tells the host's circuit that the host is well, whatever it said."""
        return Attempt(self._hub.now(), status, _milliseconds(began), None, None, Outcome.DELIVERED)

    async def _put_back(self, taken: _Taken, error: ConnectionBroken) -> None:
        """A broken connection costs no try."""
        await self._keep(
            taken, attempts=taken.push.attempts, next_at=self._hub.now(), code=error.code, sentence=str(error)
        )

    async def _finish(self, taken: _Taken, state: str, code: str | None, sentence: str | None) -> None:
        """How it ended and what follows from that, in one transaction: a crash leaves both or neither."""
        values = {"status": state, "code": code, "sentence": sentence, "done_at": self._hub.now()}
        async with self._hub.database.transaction() as session:
            # Locked before its push, as by whoever erases it: otherwise each could wait for the other.
            connection = await session.get(ConnectionRecord, taken.connection.id, with_for_update=True)
            if connection is None or not await _kept(session, taken, values):
                return
            if state == "pushed" and taken.push.failure is None:
                connection.pushed += 1
            if code == TargetGone.code:
                await _forget_spoken(session, taken)

    async def _keep(self, taken: _Taken, **values: Any) -> None:
        async with self._hub.database.transaction() as session:
            await _kept(session, taken, values)

    async def _host(self, push_id: str) -> tuple[str, Sender] | None:
        """What the push will call first and for whom, when it is due."""
        chosen = (
            select(ConnectionRecord)
            .join(Push, Push.connection_id == ConnectionRecord.id)
            .where(Push.id == push_id, is_due(self._hub.now()))
        )
        async with self._hub.database.reading() as session:
            record = await session.scalar(chosen)
        if record is None:
            return None
        connector = catalogue(self._hub.settings).get(record.connector)
        hosts = connector.manifest.hosts if connector else []
        host = record.address or (hosts[0] if hosts else f"https://{record.connector}.invalid")
        return host, Sender(record.account_id, record.id)

    async def _take(self, push_id: str) -> _Taken | None:
        async with self._hub.database.transaction() as session:
            now = self._hub.now()
            live = select(ConnectionRecord.id).where(ConnectionRecord.status == ConnectionStatus.LIVE)
            push = await session.scalar(
                update(Push)
                .where(Push.id == push_id, is_due(now), Push.connection_id.in_(live))
                .values(leased_until=now + timedelta(seconds=LEASE_SECONDS))
                .returning(Push)
            )
            if push is None:
                return None
            target = await session.get(TargetRecord, push.target_id)
            connection = await session.get(ConnectionRecord, push.connection_id)
            assert target is not None
            assert connection is not None
            generation = await session.get(Generation, target.audio_generation_id or push.generation_id or "")
            if target.is_awaited and push.failure is None and not _has_audio(generation):
                push.failure = _GONE
        connector = catalogue(self._hub.settings).get(connection.connector)
        if connector is None or not _is_possible(connector, push, generation):
            await self._drop(push, "audio_gone", _GONE)
            return None
        return _Taken(push, target, connection, generation, connector)

    async def _drop(self, push: Push, code: str, sentence: str) -> None:
        async with self._hub.database.transaction() as session:
            row = await session.get(Push, push.id, with_for_update=True)
            if row is not None and row.status == "waiting":
                row.status, row.code, row.sentence = "failed", code, sentence
                row.leased_until, row.done_at = None, self._hub.now()


async def _kept(session: AsyncSession, taken: _Taken, values: Mapping[str, Any]) -> bool:
    """Record the try, fenced by its number; False when another try was recorded first."""
    kept = await session.execute(
        update(Push)
        .where(Push.id == taken.push.id, Push.status == "waiting", Push.attempts == taken.push.attempts)
        .values({"attempts": taken.push.attempts + 1, "leased_until": None, **values})
        .returning(Push.id)
    )
    return kept.scalar_one_or_none() is not None


def _has_audio(generation: Generation | None) -> bool:
    return generation is not None and generation.audio_key is not None


def _is_possible(connector: Connector, push: Push, generation: Generation | None) -> bool:
    return _has_audio(generation) if push.failure is None else connector.fail is not None


def _milliseconds(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def is_due(now: datetime) -> ColumnElement[bool]:
    """Waiting, its time has come, and nobody is trying it."""
    return and_(
        Push.status == "waiting",
        Push.next_at <= now,
        or_(Push.leased_until.is_(None), Push.leased_until <= now),
    )


async def _forget_spoken(session: AsyncSession, taken: _Taken) -> None:
    """What is gone may come back, and then it has to be spoken again."""
    target = await session.get(TargetRecord, taken.target.id, with_for_update=True)
    if target is not None and taken.generation and target.generation_id == taken.generation.id:
        target.spoken_hash = None
