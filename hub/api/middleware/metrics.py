"""Counts requests and times them, by the form of their address, never by the address itself."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED = "unmatched"
_CLIENT_LEFT = 499
"""Counted when the client hung up before it was answered; servers commonly use this figure for it."""


class HttpMeters:
    """The two meters of a web process, in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "sayhook_http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=registry,
        )
        self.seconds = Histogram(
            "sayhook_http_request_duration_seconds",
            "Time from the request's head to the end of its answer.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=registry,
        )


class Metered:
    """Records every request once its answer has ended."""

    def __init__(self, app: ASGIApp, *, meters: HttpMeters) -> None:
        self._app = app
        self._meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = _CLIENT_LEFT
        began = time.perf_counter()

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            route = scope.get("state", {}).get("route", UNMATCHED)
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            self._meters.requests.labels(method, route, str(status)).inc()
            self._meters.seconds.labels(method, route).observe(time.perf_counter() - began)
