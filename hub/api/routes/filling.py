"""Speaking what was on a platform before it was connected."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from starlette.responses import JSONResponse, Response

from hub.api.call import Call
from hub.api.fields import read_fields
from hub.api.idempotency import answered_once
from hub.api.ids import uuid_in
from hub.api.orders import fingerprint_of
from hub.api.schemas.filling import FillAgreed, FillPrice
from hub.api.validation import validated
from hub.connections import filling
from hub.connections.filling import Price
from hub.errors import NotFound
from hub.store.idempotency import StoredAnswer

_PRIVATE = {"Cache-Control": "no-store"}


async def price_fill(call: Call) -> Response:
    """`GET /v1/connections/{id}/backfill`"""
    return JSONResponse(_shown(await filling.price(call.hub, call.account_id, _id(call))), headers=_PRIVATE)


async def start_fill(call: Call) -> Response:
    """`POST /v1/connections/{id}/backfill`: 202 once it is under way."""
    async with read_fields(call.request) as fields:
        form = validated(FillAgreed, fields.values)

    async def started() -> StoredAnswer:
        price = await filling.start(call.hub, call.account_id, _id(call), form.credits)
        return StoredAnswer(202, _PRIVATE, _shown(price))

    asked = f"{call.request.url.path}?credits={form.credits}"
    return await answered_once(call, fingerprint_of("POST", asked), started)


def _id(call: Call) -> str:
    return uuid_in(call, NotFound("Connection not found", code="connection_not_found"))


def _shown(price: Price) -> dict[str, Any]:
    return FillPrice.model_validate(asdict(price)).model_dump(mode="json")
