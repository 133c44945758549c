"""Whenever its owner deletes a connection, what was on its way ends there, quietly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse
from structlog.testing import capture_logs

from connectors.values import SpeechOrder
from hub import jobs
from hub.connections.jobs import events_job, push_job
from hub.connections.targets import target_for
from hub.store.connection_tables import ConnectionRecord, InboundEvent, Push, TargetRecord
from hub.store.database import Database
from hub.store.tables import Generation
from tests.connectors.fixtures import FIXTURES, NOW, SHOP
from tests.connectors.senders import secret_of
from tests.databases import Prepare
from tests.hub.api.serving import serving
from tests.hub.connections.conftest import TickingClock, Workshop, workshop_on
from tests.hub.connections.test_every_connector import HEARD, Door


@dataclass
class AnyPlatform:
    """Answers all that is asked with `status`, and deletes the connection under the first who asks."""

    status: int = 200
    deletes: str | None = None
    asked: list[str] = field(default_factory=list)
    workshop: Workshop | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        await request.body()
        self.asked.append(f"{request.method} {request.url.path}")
        doomed, self.deletes = self.deletes, None
        if doomed and self.workshop:
            await delete(self.workshop, doomed)
        await JSONResponse({}, self.status)(scope, receive, send)


@pytest_asyncio.fixture
async def platform() -> AsyncIterator[tuple[AnyPlatform, str]]:
    made = AnyPlatform()
    async with serving(made) as url:  # type: ignore[arg-type]  # any ASGI app
        yield made, url


@pytest_asyncio.fixture
async def workshop(
    tmp_path: Path, redis_url: str, prepare_sqlite: Prepare, platform: tuple[AnyPlatform, str]
) -> AsyncIterator[Workshop]:
    database, clock = Database(prepare_sqlite(tmp_path)), TickingClock()
    clock.instant = NOW
    apps = {name: {"client_id": "app", "client_secret": secret_of(one)} for name, one in HEARD.items()}
    hosts = [SHOP, *(host for one in HEARD.values() for host in one.manifest.hosts)]
    everywhere = dict.fromkeys(hosts, platform[1])
    async with workshop_on(database, tmp_path, redis_url, clock, apps=apps, stand_ins=everywhere) as made:
        platform[0].workshop = made
        yield made
    await database.close()


async def delete(workshop: Workshop, connection_id: str) -> None:
    async with workshop.hub.database.transaction() as session:
        record = await session.get(ConnectionRecord, connection_id)
        await session.delete(record)


async def order(door: Door) -> str:
    """What the fixture says, as a job that waits to be spoken; its id."""
    wanted, hub = door.fixture.verdict(), door.workshop.hub
    assert isinstance(wanted, SpeechOrder)
    assert wanted.target is not None
    made = await jobs.prepare(hub, wanted, account_id=door.workshop.customer.account_id)
    async with hub.database.transaction() as session:
        target = await target_for(session, door.id, wanted.target, hub.now())
        await jobs.record(session, hub, wanted, made)
        target.generation_id, target.spoken_hash = made.id, wanted.spoken_hash
    return made.id


async def speak(workshop: Workshop, generation_id: str) -> Generation:
    """All of its parts, and what comes of it."""
    workshop.queue.speech.append(generation_id)
    while workshop.queue.speech:
        await workshop.speak(workshop.queue.speech.pop(0))
    async with workshop.hub.database.reading() as session:
        return await session.get_one(Generation, generation_id)


@pytest.mark.parametrize("name", HEARD)
async def test_a_connection_is_deleted_at_every_moment(
    workshop: Workshop, platform: tuple[AnyPlatform, str], name: str
) -> None:
    fixture = next(
        one for one in FIXTURES.values() if one.connector is HEARD[name] and "text" in one.expected[0]
    )
    door, simulated = Door(workshop, HEARD[name], fixture), platform[0]
    with capture_logs() as logs:
        # Between the delivery and its reading.
        await door.open()
        assert await door.send(fixture.delivery()) == 200
        await delete(workshop, door.id)
        await workshop.errand(events_job(door.id))
        assert (await workshop.count(InboundEvent), await workshop.count(Generation)) == (0, 0)
        after = 200 if fixture.connector.manifest.verification.shared else 404  # type: ignore[union-attr]  # HEARD
        assert await door.send(fixture.delivery()) == after

        # Between the order and the audio: it was paid for and stays the owner's.
        await door.open()
        generation_id = await order(door)
        await delete(workshop, door.id)
        assert (await speak(workshop, generation_id)).status == "completed"
        assert (await workshop.count(Push), await workshop.count(TargetRecord)) == (0, 0)

        # Between the audio and its way back.
        await door.open()
        await speak(workshop, await order(door))
        async with workshop.hub.database.reading() as session:
            (push_id,) = (await session.scalars(select(Push.id))).all()
        await delete(workshop, door.id)
        await workshop.errand(push_job(push_id))
        assert simulated.asked == []

        # While the platform is being asked, whatever it then says.
        for status in (200, 401, 404, 500):
            workshop.queue.deliveries.clear()
            await door.open()
            await speak(workshop, await order(door))
            simulated.status, simulated.deletes = status, door.id
            simulated.asked.clear()
            await workshop.settle()
            assert simulated.asked, "and so the connection was deleted"
            assert (await workshop.count(ConnectionRecord), await workshop.count(Push)) == (0, 0)
    assert [entry for entry in logs if entry["log_level"] in ("warning", "error", "critical")] == []
