"""The description of the API."""

from __future__ import annotations

from starlette.responses import Response

from hub.api.call import Call


async def openapi(call: Call) -> Response:
    """`GET /openapi.json`"""
    document: bytes = call.request.app.state.openapi
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"}
    return Response(document, media_type="application/json", headers=headers)
