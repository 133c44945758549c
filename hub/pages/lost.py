"""A page for people at an address where there is nothing; programs get problem details instead."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from hub.errors import HubError
from hub.hub import Hub
from hub.pages.addresses import refusal
from hub.pages.arrival import arrive

_PROGRAMS = ("/v1/", "/hooks/", "/static/")


def is_for_people(request: Request) -> bool:
    """Whether a browser asks, for something that could have been a page."""
    asks_for_page = "text/html" in request.headers.get("accept", "")
    return asks_for_page and not request.url.path.startswith(_PROGRAMS)


async def lost(request: Request, status: int) -> Response:
    hub: Hub = request.app.state.hub
    arrival = await arrive(request, hub)
    error = HubError(_WORDS.get(status, "This cannot be answered."))
    error.status = status
    return refusal(arrival.visit, error)


_WORDS = {
    404: "There is no such page. The address may be old, or have lost a letter on its way.",
    405: "This address is for another kind of request. Go back and try again from the page before.",
}
