"""Speaking what was on a platform before it was connected."""

from __future__ import annotations

from dataclasses import asdict

from starlette.responses import JSONResponse, Response

from hub.api.call import Call
from hub.api.fields import read_fields
from hub.api.ids import uuid_in
from hub.api.schemas.filling import FillAgreed, FillPrice
from hub.api.validation import validated
from hub.connections import filling
from hub.connections.filling import Price
from hub.errors import NotFound

_PRIVATE = {"Cache-Control": "no-store"}


async def price_fill(call: Call) -> Response:
    """`GET /v1/connections/{id}/backfill`"""
    return _answer(await filling.price(call.hub, call.account_id, _id(call)), 200)


async def start_fill(call: Call) -> Response:
    """`POST /v1/connections/{id}/backfill`: 202 once it is under way."""
    async with read_fields(call.request) as fields:
        form = validated(FillAgreed, fields.values)
    return _answer(await filling.start(call.hub, call.account_id, _id(call), form.credits), 202)


def _id(call: Call) -> str:
    return uuid_in(call, NotFound("Connection not found", code="connection_not_found"))


def _answer(price: Price, status: int) -> Response:
    shown = FillPrice.model_validate(asdict(price))
    return JSONResponse(shown.model_dump(mode="json"), status, headers=_PRIVATE)
