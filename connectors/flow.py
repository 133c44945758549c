"""Requests to a platform without sending any: generators that yield a request and are sent its response.

The same shape as httpx's auth flows: the hub drives a flow over the guarded client, a test drives it by hand.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, TypeVar

from connectors.errors import ConnectionBroken, PushFailed, PushRefused, TargetGone, TryAgain

MOST_REQUESTS: Final = 20
"""Requests one flow may make for one event; more is a loop."""

MOST_SETTING_UP: Final = 200
"""Requests of `connect`, `disconnect`, `backfill` and `choices`, which go through an owner's sites."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """`json` becomes the body with its content type. Without `authenticated` no credentials are attached.

    `after_seconds` is waited before it is sent: the platform is still at work on what was asked before.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    authenticated: bool = True
    after_seconds: float = 0.0

    @property
    def body(self) -> bytes:
        if self.json is None:
            return b""
        return json.dumps(self.json, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Response:
    """`headers` have lower-case names; `body` may be cut at the runner's cap."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        """The body as JSON, or None when it is none (a firewall's page, a notice printed before it)."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


Flow: TypeAlias = Generator[Request, Response, T]


def accepted(response: Response, doing: str) -> Response:
    """`response` when it is a 2xx; otherwise raises the PushFailed its status stands for.

    `doing` completes the sentence "The platform did not let us …".
    """
    status = response.status
    if 200 <= status < 300:
        return response
    sentence = f"The platform did not let us {doing}: it answered {status}."
    if status == 401:
        raise ConnectionBroken(f"{sentence} Connect again.")
    if status in (404, 410):
        raise TargetGone(sentence)
    if status in (408, 425, 429) or status >= 500:
        raise TryAgain(sentence, response.headers.get("retry-after"), strains=status >= 500)
    raise PushRefused(sentence)


async def drive(
    flow: Flow[T], send: Callable[[Request], Awaitable[Response]], *, most: int = MOST_REQUESTS
) -> T:
    """Run `flow` to its end. Raises what it raises, and PushRefused after `most` requests.

    What `send` raises for want of an answer is raised in the flow, which may know what to make of it.
    """
    try:
        request = next(flow)
        for _ in range(most):
            try:
                response = await send(request)
            except PushFailed as error:
                request = flow.throw(error)
            else:
                request = flow.send(response)
    except StopIteration as done:
        result: T = done.value
        return result
    finally:
        flow.close()
    raise PushRefused(f"The connector made more than {most} requests in one go.")
