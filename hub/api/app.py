"""The web process: endpoints, middleware, and the parts they share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount

from engine.reference import MAX_BYTES
from hub.api import openapi
from hub.api.assets import Assets
from hub.api.authentication import KeyUses
from hub.api.dispatch import routes
from hub.api.endpoints import ENDPOINTS
from hub.api.middleware.body import BoundedBody
from hub.api.middleware.failures import Failures
from hub.api.middleware.forwarded import Forwarded
from hub.api.middleware.metrics import HttpMeters, Metered
from hub.api.middleware.request_id import RequestIds
from hub.api.middleware.security import SecurityHeaders
from hub.api.problems import http_error, problem_response
from hub.api.rates import RateWindows
from hub.hub import Hub, open_hub
from hub.pages.lost import is_for_people, lost
from hub.pages.rendering import STATIC
from hub.pages.routes import pages
from hub.queue.location import redis_url
from hub.settings import Settings

MAX_BODY = MAX_BYTES + 1024 * 1024
"""A recording, and room for the other fields and the form around them."""

_RECORDINGS_AT_ONCE = 2


def create_app(hub: Hub) -> Starlette:
    """The application over an open hub, which stays the caller's to close."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await _close(app)

    app = _app(hub.settings, lifespan)
    app.state.hub = hub
    return app


def application(settings: Settings | None = None) -> Starlette:
    """The application that opens its own hub when it starts; what a server is given as its factory."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.hub = await stack.enter_async_context(open_hub(settings))
            stack.push_async_callback(_close, app)
            yield

    return _app(settings, lifespan)


async def _close(app: Starlette) -> None:
    if hasattr(app.state, "reception"):
        await app.state.reception.close()
    await app.state.rates.close()


def _app(settings: Settings, lifespan: object) -> Starlette:
    registry = CollectorRegistry()
    app = Starlette(
        routes=[
            *routes(ENDPOINTS),
            *pages(),
            Mount("/static", Assets(directory=STATIC), name="static"),
        ],
        middleware=[
            Middleware(Forwarded, trusted=settings.trusted_proxies),
            Middleware(RequestIds),
            Middleware(Metered, meters=HttpMeters(registry)),
            Middleware(SecurityHeaders, https=settings.base_url.startswith("https:")),
            Middleware(BoundedBody, max_bytes=MAX_BODY),
            Middleware(Failures),
        ],
        exception_handlers={HTTPException: _refused_by_router},
        lifespan=lifespan,  # type: ignore[arg-type]  # both factories above give what Starlette asks for
    )
    app.router.redirect_slashes = False
    app.state.registry = registry
    app.state.rates = RateWindows(lambda: redis_url(settings))
    app.state.key_uses = KeyUses()
    app.state.recordings = asyncio.Semaphore(_RECORDINGS_AT_ONCE)
    app.state.openapi = openapi.rendered().encode()
    return app


async def _refused_by_router(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if is_for_people(request):
        return await lost(request, error.status_code)
    return problem_response(request, http_error(error.status_code, error.headers))
