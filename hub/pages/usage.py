"""Usage: credits and requests by day and source, the statement of the ledger, and the low-credit warning."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response, StreamingResponse

from hub.errors import Unprocessable
from hub.money.low_credit import LOW_CREDIT, LowCredit, set_threshold
from hub.money.statement import as_csv, statement
from hub.money.usage import spent_by_source
from hub.pages.chart import HEIGHT, WIDTH, chart, shares
from hub.pages.page import Visit, page
from hub.webhooks.announcing import announce

SPANS = (7, 30, 90)
_STANDARD_SPAN = 30


@page("/usage")
async def usage(visit: Visit) -> Response:
    return await _usage(visit)


@page("/usage/low-credit", method="POST")
async def low_credit(visit: Visit) -> Response:
    """Below how many credits the owner wants to be warned."""
    given = visit.field("credits")
    try:
        credits = int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else -1
        async with visit.hub.database.transaction() as session:
            low = await set_threshold(session, visit.owner.id, credits, visit.hub.now())
            told = await _announce(session, low) if low is not None else []
    except Unprocessable as error:
        return await _usage(visit, error=error)
    for delivery in told:
        await visit.hub.queue.enqueue_delivery(delivery, not_before=None)
    words = (
        f"You will be warned below {credits:,} credits." if credits else "You will not be warned any more."
    )
    return await visit.redirect("/usage", notice=words)


@page("/usage/statement")
async def statement_page(visit: Visit) -> Response:
    given = visit.request.query_params.get("before", "")
    before = int(given) if given.isascii() and given.isdecimal() and len(given) < 16 else None
    async with visit.hub.database.reading() as session:
        found = await statement(session, visit.owner.id, before=before)
    return visit.render("statement.html", lines=found.lines, before=found.before, is_later=before is not None)


@page("/usage/statement.csv")
async def statement_csv(visit: Visit) -> Response:
    """The whole ledger of the account, streamed."""

    async def rows() -> AsyncIterator[str]:
        async with visit.hub.database.reading() as session:
            async for row in as_csv(session, visit.owner.id):
                yield row

    name = f"sayhook-statement-{visit.hub.now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(rows(), media_type="text/csv; charset=utf-8", headers=headers)


async def _announce(session: AsyncSession, low: LowCredit) -> list[str]:
    return await announce(
        session, account_id=low.account_id, event=LOW_CREDIT, data=low.payload(), now=low.at
    )


async def _usage(visit: Visit, error: Unprocessable | None = None) -> Response:
    asked = visit.request.query_params.get("days", "")
    days = int(asked) if asked in {str(span) for span in SPANS} else _STANDARD_SPAN
    last = visit.hub.now().astimezone(UTC).date()
    first = last - timedelta(days=days - 1)
    async with visit.hub.database.reading() as session:
        spent = await spent_by_source(session, visit.owner.id, since=datetime.combine(first, time(), UTC))
    drawn = chart(spent, first=first, last=last)
    return visit.render(
        "usage.html",
        status=error.status if error else 200,
        error=error,
        chart=drawn,
        shares=shares(drawn),
        days=days,
        spans=SPANS,
        box=(WIDTH, HEIGHT),
    )
