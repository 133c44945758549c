"""From a line of the table to a route: method, caller, rate, scope, and only then the handler."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from hub.accounts import Caller
from hub.api.authentication import caller_of, require_scope
from hub.api.call import Call
from hub.api.endpoint import Endpoint
from hub.api.peer import peer_of
from hub.api.problems import problem_response
from hub.api.rates import Allowance, RateWindows
from hub.errors import HubError, RateLimited, Unauthenticated
from hub.hub import Hub

REFUSED_KEYS_PER_MINUTE = 60
"""Wrong keys from one address; beyond it they get 429. Right keys from that address go on working."""

POLLS_PER_REQUEST = 10
"""Asking for a status has its own window, this many times as wide: waiting must not use up the other."""


def routes(endpoints: Iterable[Endpoint]) -> list[Route]:
    """One route a path, which knows every method of it."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for endpoint in endpoints:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    return [Route(path, _Address(path, methods)) for path, methods in by_path.items()]


class _Address:
    """Answers every method of one path."""

    def __init__(self, path: str, methods: Mapping[str, Endpoint]) -> None:
        self._path = path
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["route"] = self._path
        request = Request(scope, receive)
        response = await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        endpoint = self._methods.get("GET" if request.method == "HEAD" else request.method)
        if endpoint is None:
            raise HTTPException(405, headers={"Allow": self._allowed()})
        return await _call(endpoint, request)

    def _allowed(self) -> str:
        return ", ".join([*self._methods, *(["HEAD"] if "GET" in self._methods else [])])


async def _call(endpoint: Endpoint, request: Request) -> Response:
    hub: Hub = request.app.state.hub
    headers: dict[str, str] = {}
    try:
        caller = None
        if endpoint.scope is not None and not (endpoint.signed and "signature" in request.query_params):
            caller = await _admitted(request, hub, endpoint, headers)
        response = await endpoint.handler(Call(request, hub, base_url_of(request, hub), caller))
    except HubError as error:
        response = problem_response(request, error)
    for name, value in headers.items():
        response.headers[name] = value
    return response


async def _admitted(request: Request, hub: Hub, endpoint: Endpoint, headers: dict[str, str]) -> Caller:
    """The caller, counted and allowed. `headers` receives the state of the window, also for refusals."""
    rates: RateWindows = request.app.state.rates
    try:
        caller = await caller_of(request, hub)
    except Unauthenticated:
        _refuse_when_full(await rates.hit(f"refused:{peer_of(request)}", REFUSED_KEYS_PER_MINUTE), headers)
        raise
    width = caller.limits.requests_per_minute * (POLLS_PER_REQUEST if endpoint.window == "polls" else 1)
    _refuse_when_full(await rates.hit(f"{endpoint.window}:{caller.account_id}", width), headers)
    assert endpoint.scope is not None
    require_scope(caller, endpoint.scope)
    await request.app.state.key_uses.note(hub, caller)
    return caller


def _refuse_when_full(allowance: Allowance, headers: dict[str, str]) -> None:
    headers.update(allowance.headers)
    if not allowance.allowed:
        raise RateLimited(retry_after=allowance.reset)


def base_url_of(request: Request, hub: Hub) -> str:
    """Where links lead: the configured public address, else the one this request was sent to."""
    if hub.settings.public_url:
        return hub.settings.base_url
    return f"{request.url.scheme}://{request.url.netloc}"
