"""What a web process costs at least: `uvicorn tests.hub.connections.plain_route:app` only answers 200."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


async def plain(request: Request) -> Response:
    await request.body()
    return Response()


async def healthz(request: Request) -> Response:
    return Response()


async def agree(request: Request) -> Response:
    """A platform that takes whatever is put back; what it says of it is Shopify's yes."""
    return JSONResponse({"data": {"product": {}, "metafieldsSet": {"userErrors": []}}})


app = Starlette(
    routes=[
        Route("/plain", plain, methods=["POST"]),
        Route("/healthz", healthz),
        Route("/{path:path}", agree, methods=["GET", "POST", "PUT"]),
    ]
)
