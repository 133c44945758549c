"""From a page to a route: visitor, sign-in, form check, and only then the handler."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from urllib.parse import quote

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from hub.errors import HubError, NotFound
from hub.hub import Hub
from hub.pages import cookies
from hub.pages.arrival import Arrival, arrive, with_form
from hub.pages.page import Page
from hub.pages.visit import Visit, redirect

log = structlog.get_logger(__name__)


def routes(pages: Iterable[Page]) -> list[Route]:
    """One route an address, which knows every method of it."""
    by_path: dict[str, dict[str, Page]] = {}
    for page in pages:
        by_path.setdefault(page.path, {})[page.method] = page
    return [Route(path, _Address(path, methods)) for path, methods in by_path.items()]


class _Address:
    def __init__(self, path: str, methods: Mapping[str, Page]) -> None:
        self._path = path
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["route"] = self._path
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
            await response(scope, receive, send)
        finally:
            await request.close()

    async def _answer(self, request: Request) -> Response:
        page = self._methods.get("GET" if request.method == "HEAD" else request.method)
        if page is None:
            raise HTTPException(405, headers={"Allow": ", ".join(self._methods)})
        hub: Hub = request.app.state.hub
        arrival = await arrive(request, hub)
        response = await _handled(page, arrival)
        if arrival.is_new and "POST" in self._methods:
            visit = arrival.visit
            cookies.set_cookie(response, cookies.VISITOR, arrival.token, secure=visit.is_secure, seconds=None)
        response.headers.setdefault("Cache-Control", "no-store" if arrival.visit.account else "no-cache")
        return response


async def _handled(page: Page, arrival: Arrival) -> Response:
    visit = arrival.visit
    try:
        if page.sign_in and visit.account is None:
            return _to_login(visit)
        if page.admin and not visit.owner.is_admin:
            raise NotFound("There is no such page.")
        if page.method == "POST":
            visit = await with_form(arrival)
        return await page.handler(visit)
    except HubError as error:
        return refusal(visit, error)
    except HTTPException as error:
        return refusal(visit, _unreadable(error))
    except ClientDisconnect:
        raise
    except Exception:
        log.exception("page_failed", path=page.path)
        return refusal(
            visit, HubError("Something went wrong here. Try again; the log of this hub says more.")
        )


def _unreadable(error: HTTPException) -> HubError:
    """A form that Starlette could not take apart."""
    told = HubError(f"The form could not be read: {error.detail}")
    told.status = error.status_code
    return told


def refusal(visit: Visit, error: HubError) -> Response:
    """A page that says what was refused and why."""
    response = visit.render(
        "refusal.html", status=error.status, title=HTTPStatus(error.status).phrase, detail=error.detail
    )
    response.headers.update(error.headers)
    return response


def _to_login(visit: Visit) -> Response:
    url = visit.request.url
    wanted = url.path + (f"?{url.query}" if url.query else "")
    login = f"/login?next={quote(wanted, safe='/')}" if visit.request.method != "POST" else "/login"
    if visit.is_fragment:
        return Response(status_code=401, headers={"HX-Redirect": login})
    return redirect(login)
