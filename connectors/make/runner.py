"""Runs the requests of a component's file, one after the other, as Make does.

Each step: `condition`, the request (again while `repeat` says so), `error`, `valid`, `temp`, then its bundles
by `iterate`, `output` and `limit`, and more pages while `pagination` says so. The last step's bundles are the
result.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import httpx

from connectors.make import logbook
from connectors.make.answers import body_of, check_valid, error_of
from connectors.make.errors import AppInvalid, MakeError
from connectors.make.iml import UNDEFINED, is_true, rendered
from connectors.make.iml.values import is_empty
from connectors.make.outgoing import Outgoing, outgoing

MOST_PAGES: Final = 50
MOST_REPEATS: Final = 1000
DEFAULT_TIMEOUT: Final = 40_000
"""Milliseconds."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class World:
    """What a run needs from outside. `clock` returns aware instants, `sleep` takes seconds."""

    client: httpx.AsyncClient
    clock: Callable[[], datetime] = utc_now
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    log: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Run:
    """One file being carried out. `data` and `kept` collect what `response` wants to be kept."""

    world: World
    base: Mapping[str, Any]
    variables: Mapping[str, Any]
    temp: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)

    async def carry_out(self, communication: Any) -> list[Any]:
        """The bundles. Raises MakeError, and AppInvalid for what Make itself would not take."""
        steps = communication if isinstance(communication, list) else [communication]
        bundles: list[Any] = []
        for step in steps:
            if is_true(rendered(step.get("condition", True), self.scope())):
                bundles = await self._step(step)
        return bundles

    def scope(self, **more: Any) -> dict[str, Any]:
        fixed = {"now": self.world.clock, "uuid": lambda: str(uuid4()), "temp": self.temp}
        return {**self.variables, **fixed, **more}

    async def _step(self, step: Mapping[str, Any]) -> list[Any]:
        if "url" not in step:
            return self._worked_out(step)
        request = outgoing(step, self.base, self.scope())
        scope = await self._repeated(step, request)
        return await self._pages(step, request, scope, self._read(step, scope))

    def _worked_out(self, step: Mapping[str, Any]) -> list[Any]:
        """A step without a request."""
        directives, scope = step.get("response", {}), self.scope()
        check_valid(directives.get("valid", True), 200, None, scope)
        return self._read(step, scope)

    async def _repeated(self, step: Mapping[str, Any], request: Outgoing) -> dict[str, Any]:
        scope = await self._exchange(step, request)
        repeat = step.get("repeat", {"condition": False})
        for _ in range(min(int(repeat.get("limit", MOST_REPEATS)), MOST_REPEATS)):
            if not is_true(rendered(repeat["condition"], scope)):
                break
            await self.world.sleep(repeat.get("delay", 0) / 1000)
            scope = await self._exchange(step, request)
        return scope

    async def _exchange(self, step: Mapping[str, Any], request: Outgoing) -> dict[str, Any]:
        """Send, and raise what the answer stands for; returns the scope with the answer in it."""
        directives, inherited = step.get("response", {}), self.base.get("response", {})
        answer = await self._sent(request)
        body = body_of(answer, directives.get("type", inherited.get("type")))
        sanitize = [*self.base.get("log", {}).get("sanitize", ()), *step.get("log", {}).get("sanitize", ())]
        if line := logbook.entry(request, answer, body, sanitize):
            self.world.log.append(line)
        headers = dict(answer.headers)
        scope = self.scope(body=body, headers=headers, statusCode=answer.status_code)
        error = directives.get("error", inherited.get("error"))
        if answer.status_code >= 400:
            raise error_of(answer.status_code, error, scope)
        valid = directives.get("valid", inherited.get("valid", True))
        check_valid(valid, answer.status_code, error, scope)
        self._note(directives.get("temp", {}), scope)
        return scope

    async def _sent(self, request: Outgoing) -> httpx.Response:
        timeout = self.base.get("timeout", DEFAULT_TIMEOUT) / 1000
        try:
            return await self.world.client.send(request.request(timeout))
        except httpx.TransportError as error:
            raise MakeError("ConnectionError", f"The service could not be reached: {error}") from error

    def _read(self, step: Mapping[str, Any], scope: dict[str, Any]) -> list[Any]:
        """The bundles of one answer, and what the step keeps of it."""
        directives = step.get("response", {})
        self.data.update(rendered(directives.get("data", {}), scope))
        for name in ("metadata", "uid"):
            if name in directives:
                self.kept[name] = rendered(directives[name], scope)
        output = directives.get("output", UNDEFINED)
        items = _items(directives.get("iterate"), scope)
        if items is None:
            return [rendered("{{body}}" if output is UNDEFINED else output, scope)]
        shown = "{{item}}" if output is UNDEFINED else output
        return [rendered(shown, {**scope, "item": item}) for item in items]

    async def _pages(
        self, step: Mapping[str, Any], request: Outgoing, scope: dict[str, Any], bundles: list[Any]
    ) -> list[Any]:
        directives, pagination = step.get("response", {}), step.get("pagination")
        limit = _limit(rendered(directives.get("limit", UNDEFINED), scope))
        page = 1
        while pagination is not None and len(bundles) < limit and page < MOST_PAGES:
            turning = {**scope, "pagination": {"page": page + 1, "offset": len(bundles), "limit": limit}}
            if not is_true(rendered(pagination.get("condition", True), turning)):
                break
            page += 1
            scope = await self._exchange(step, request.turned(pagination, self.base, turning))
            bundles = [*bundles, *self._read(step, scope)]
        return bundles if limit == math.inf else bundles[: int(limit)]

    def _note(self, temp: Mapping[str, Any], scope: Mapping[str, Any]) -> None:
        """Entries of one block do not see each other."""
        self.temp.update(rendered(temp, scope))


def _items(iterate: Any, scope: dict[str, Any]) -> Sequence[Any] | None:
    """The container's items that meet the condition; None when nothing is iterated."""
    if iterate is None:
        return None
    container = rendered(iterate["container"] if isinstance(iterate, Mapping) else iterate, scope)
    if is_empty(container):
        return ()
    if not isinstance(container, list):
        raise AppInvalid("iterate needs an array.")
    condition = iterate.get("condition", True) if isinstance(iterate, Mapping) else True
    return [item for item in container if is_true(rendered(condition, {**scope, "item": item}))]


def _limit(value: Any) -> float:
    return math.inf if is_empty(value) else float(value)
