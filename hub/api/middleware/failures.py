"""Turns what nobody expected into a 500 that says nothing private, with the trace in the log."""

from __future__ import annotations

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.api.middleware.metrics import UNMATCHED
from hub.api.problems import problem_response
from hub.errors import HubError

log = structlog.get_logger(__name__)


class Failures:
    """Answers for exceptions that leave the application. One raised after the answer began goes on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except ClientDisconnect:
            return  # nobody is left to answer
        except Exception:
            # Not the path: secrets stand in some, and in none that is a route's.
            route = scope.get("state", {}).get("route", UNMATCHED)
            log.exception("request_failed", method=scope["method"], route=route)
            if started:
                raise
            error = HubError("Something went wrong here. Try again; if it stays, tell us the request_id.")
            await problem_response(Request(scope), error)(scope, receive, watch)
