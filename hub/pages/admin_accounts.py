"""Accounts for administrators: find one, give it credits and limits of its own."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy.exc import IntegrityError
from starlette.responses import Response

from hub.accounts import PLANS, find_account, list_keys
from hub.accounts.administration import give_credits, search_accounts, set_limits
from hub.errors import HubError, Unprocessable
from hub.pages.page import Visit, page

_MOST = 100


@page("/admin/accounts", admin=True)
async def show_accounts(visit: Visit) -> Response:
    words = visit.request.query_params.get("q", "").strip()
    async with visit.hub.database.reading() as session:
        accounts, count = await search_accounts(session, words, _MOST)
    return visit.render("admin_accounts.html", accounts=accounts, count=count, words=words)


@page("/admin/accounts/{id}", admin=True)
async def show_account(visit: Visit) -> Response:
    return await _one(visit)


@page("/admin/accounts/{id}/limits", method="POST", admin=True)
async def limit(visit: Visit) -> Response:
    try:
        async with visit.hub.database.transaction() as session:
            await set_limits(
                session,
                await find_account(session, visit.request.path_params["id"]),
                plan=visit.field("plan"),
                requests_per_minute=_figure(visit, "requests_per_minute"),
                concurrent=_figure(visit, "concurrent"),
                actor=visit.owner.email,
                now=visit.hub.now(),
            )
    except Unprocessable as error:
        return await _one(visit, error)
    return await _back(visit, "The limits are set.")


@page("/admin/accounts/{id}/credits", method="POST", admin=True)
async def give(visit: Visit) -> Response:
    try:
        async with visit.hub.database.transaction() as session:
            await give_credits(
                session,
                await find_account(session, visit.request.path_params["id"]),
                credits=_figure(visit, "credits") or 0,
                note=visit.field("note") or "Granted by the operator",
                actor=visit.owner.email,
                now=visit.hub.now(),
                once=visit.field("once"),
            )
    except Unprocessable as error:
        return await _one(visit, error)
    except IntegrityError:
        if not visit.field("once"):
            raise
        # The same form, sent twice at the same moment: the other one has granted them.
    return await _back(visit, "The credits are there.")


async def _one(visit: Visit, error: HubError | None = None) -> Response:
    async with visit.hub.database.reading() as session:
        account = await find_account(session, visit.request.path_params["id"])
        keys = await list_keys(session, account.id)
    return visit.render(
        "admin_account.html",
        status=error.status if error else 200,
        error=error.detail if error else "",
        account=account,
        keys=keys,
        plans=PLANS,
        once=str(uuid4()),
    )


async def _back(visit: Visit, notice: str) -> Response:
    return await visit.redirect(f"/admin/accounts/{visit.request.path_params['id']}", notice=notice)


def _figure(visit: Visit, name: str) -> int | None:
    given = visit.field(name).replace(",", "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise Unprocessable(name, "must be a whole number.")
    return int(given)
