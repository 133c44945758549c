"""What a web process costs at least: `uvicorn tests.hub.connections.plain_route:app` only answers 200."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def plain(request: Request) -> Response:
    await request.body()
    return Response()


async def healthz(request: Request) -> Response:
    return Response()


app = Starlette(routes=[Route("/plain", plain, methods=["POST"]), Route("/healthz", healthz)])
