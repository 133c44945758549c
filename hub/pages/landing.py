"""The page at `/`."""

from __future__ import annotations

from starlette.responses import Response

from hub.pages.icons import platforms
from hub.pages.page import Visit, page


@page("/", sign_in=False)
async def landing(visit: Visit) -> Response:
    return visit.render("landing.html", platforms=platforms(visit.hub.settings))
