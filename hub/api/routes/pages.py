"""The page at `/`, and the description of the API."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import Response
from starlette.templating import Jinja2Templates

from hub.api.call import Call

FOLDER = Path(__file__).parent.parent

_templates = Jinja2Templates(FOLDER / "templates")


async def landing(call: Call) -> Response:
    """`GET /`"""
    return _templates.TemplateResponse(
        call.request, "landing.html", {"base_url": call.base_url}, headers={"Cache-Control": "no-cache"}
    )


async def openapi(call: Call) -> Response:
    """`GET /openapi.json`"""
    document: bytes = call.request.app.state.openapi
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"}
    return Response(document, media_type="application/json", headers=headers)
