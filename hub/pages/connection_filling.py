"""Speaking what was on a platform before it was connected: the price, and the button that agrees to it."""

from __future__ import annotations

from starlette.responses import Response

from hub.connections import filling
from hub.connections.filling import Price
from hub.connections.records import find_connection
from hub.errors import Conflict, InsufficientCredits, Unprocessable
from hub.pages.page import Visit, page


@page("/connections/{id}/backfill")
async def show_price(visit: Visit) -> Response:
    try:
        return await _shown(visit, await filling.price(visit.hub, visit.owner.id, _id(visit)))
    except (Conflict, Unprocessable) as error:
        return await _shown(visit, None, error.detail, error.status)


@page("/connections/{id}/backfill", method="POST")
async def agree(visit: Visit) -> Response:
    given = visit.field("credits")
    agreed = int(given) if given.isdecimal() and len(given) < 16 else 0
    try:
        await filling.start(visit.hub, visit.owner.id, _id(visit), agreed)
    except (Conflict, InsufficientCredits, Unprocessable) as error:
        return await _shown(visit, None, error.detail, error.status)
    return await visit.redirect(f"/connections/{_id(visit)}", notice="It is under way; look at the events.")


async def _shown(visit: Visit, price: Price | None, error: str = "", status: int = 200) -> Response:
    async with visit.hub.database.reading() as session:
        record = await find_connection(session, visit.owner.id, _id(visit))
    return visit.render("connection_fill.html", status=status, record=record, price=price, error=error)


def _id(visit: Visit) -> str:
    found: str = visit.request.path_params["id"]
    return found
