"""Ordering speech from a page: the same checks, rate window and one way in as the API."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from uuid import UUID

from connectors.values import SpeechOrder
from hub.accounts import limits_of
from hub.api.fields import Fields
from hub.api.orders import Door, fingerprint_of, fitting_order_from
from hub.api.rates import RateWindows
from hub.api.routes.generate import account_door
from hub.errors import NotFound, RateLimited
from hub.jobs import Once, accept, find
from hub.pages.visit import Visit
from hub.store.idempotency import StoredAnswer
from hub.store.tables import Generation

SOURCE = "dashboard"


async def order_and_accept(visit: Visit, fields: Fields, *, once: str = "") -> str:
    """The id of the new generation; of the first one when the same form, marked `once`, was sent twice."""
    await count_request(visit)
    recordings: asyncio.Semaphore = visit.request.app.state.recordings
    async with recordings if fields.files else nullcontext():
        order = await fitting_order_from(fields, door_of(visit))
        return await accepted(visit, order, once=once)


async def accepted(
    visit: Visit, order: SpeechOrder, *, once: str = "", more_seeds: Sequence[int] = ()
) -> str:
    """The same for an order that was checked before; `more_seeds` asks for more takes of it."""
    mark = Once(f"page:{once[:100]}", fingerprint_of("POST", "page", order), _answer) if once else None
    acceptance = await accept(visit.hub, order, account_id=visit.owner.id, once=mark, more_seeds=more_seeds)
    if acceptance.replay is not None:
        return str(acceptance.replay.body["id"])
    assert acceptance.generation is not None
    return acceptance.generation.id


async def owned_generation(visit: Visit, generation_id: str) -> Generation:
    """A generation of whoever is signed in; raises NotFound for every other."""
    try:
        wanted = str(UUID(generation_id))
    except ValueError as error:
        raise NotFound("Generation not found") from error
    async with visit.hub.database.reading() as session:
        return await find(session, visit.owner.id, wanted)


async def count_request(visit: Visit) -> None:
    """In the window of the account's API requests; raises RateLimited when it is full."""
    rates: RateWindows = visit.request.app.state.rates
    width = limits_of(visit.owner).requests_per_minute
    allowance = await rates.hit(f"requests:{visit.owner.id}", width)
    if not allowance.allowed:
        raise RateLimited(retry_after=allowance.reset)


def door_of(visit: Visit) -> Door:
    return account_door(visit.hub, visit.owner.id, source=SOURCE)


def _answer(generation: Generation) -> StoredAnswer:
    return StoredAnswer(202, {}, {"id": generation.id})
