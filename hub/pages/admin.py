"""For whoever runs the hub: how it stands, what failed, and what administrators did."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import func, select
from starlette.responses import Response

from hub.accounts import audit
from hub.errors import HubError
from hub.jobs.repeat import failed_jobs, repeat
from hub.jobs.states import OPEN
from hub.pages.page import Visit, page
from hub.queue.standing import standings
from hub.store.tables import Account, Generation

_FAILURES = 50
_ACTS = 50


@page("/admin", admin=True)
async def show(visit: Visit) -> Response:
    return await _shown(visit)


@page("/admin/jobs/{id}/retry", method="POST", admin=True)
async def retry(visit: Visit) -> Response:
    """Orders a failed generation again on its account, which pays as for any other."""
    generation_id = visit.request.path_params["id"]
    try:
        fresh = await repeat(visit.hub, generation_id, actor=visit.owner.email, once=visit.field("once"))
    except HubError as error:
        return await _shown(visit, error)
    return await visit.redirect("/admin", notice=f"Ordered again as {fresh.id}.")


async def _shown(visit: Visit, error: HubError | None = None) -> Response:
    async with visit.hub.database.reading() as session:
        failures = await failed_jobs(session, _FAILURES)
        acts = await audit.newest(session, _ACTS)
        accounts = await session.scalar(select(func.count()).where(Account.closed_at.is_(None)))
        open_jobs = await session.scalar(select(func.count()).where(Generation.status.in_(OPEN)))
    return visit.render(
        "admin.html",
        status=error.status if error else 200,
        error=error.detail if error else "",
        queues=await standings(visit.hub.queue),
        accounts=accounts,
        open_jobs=open_jobs,
        failures=failures,
        acts=acts,
        once=str(uuid4()),
    )
