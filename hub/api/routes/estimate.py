"""Telling a price before anything is ordered."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from connectors.values import SpeechOrder
from engine.values import Mode
from hub.accounts import find_account
from hub.api.call import Call
from hub.api.defaults import with_defaults
from hub.api.intake import fields_of, room_for
from hub.api.orders import fitting_order_from
from hub.api.routes.generate import door_of
from hub.api.schemas.estimate import Estimate
from hub.money import order_price


async def estimate_speech(call: Call) -> Response:
    """`POST /v1/tts/estimate`: the same refusals as ordering, but for the balance, which is only told."""
    async with fields_of(call) as fields, room_for(call, fields):
        fields = await with_defaults(call.hub, call.account_id, fields)
        order = await fitting_order_from(fields, door_of(call))
    async with call.hub.database.reading() as session:
        account = await find_account(session, call.account_id)
    answer = estimated(order, account.credits)
    return JSONResponse(answer.model_dump(mode="json"), headers={"Cache-Control": "no-store"})


def estimated(order: SpeechOrder, credits: int, *, mode: Mode | None = None) -> Estimate:
    """What an order would cost somebody with so many credits; with `mode`, once a recording is added."""
    mode = mode or order.request.mode
    price = order_price(mode, len(order.parts))
    return Estimate(
        route="/v1/tts/longform" if order.parts else "/v1/tts/generate",
        mode=mode,
        parts=max(1, len(order.parts)),
        characters=len(order.request.text),
        price=price,
        credits=credits,
        sufficient=credits >= price,
        warnings=list(order.warnings),
    )
