"""Zapier's own addresses, as far as a hub and our app call them: hooks, callbacks, and the store of files.

A hook answers 410 once its Zap is off and 429 beyond 30 calls in a second. DELETE at a hook's address pauses
the Zap (reverse unsubscribe). A callback wakes its step once and is not found afterwards; how the real one
answers a second call is not documented. `/platform/rpc/cli` and `/s3/` are what `z.stashFile` needs.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

CALLS_A_SECOND: Final = 30


@dataclass(frozen=True, slots=True)
class Call:
    """What came to a hook or a callback: headers as our app's code sees them, and the body as it came."""

    at: float
    headers: dict[str, str]
    content: str

    @property
    def body(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.content)
        return read


@dataclass(slots=True)
class Zap:
    """One Zap that starts with us, or one paused step."""

    url: str
    live: bool = True
    calls: list[Call] = field(default_factory=list)


class Simulator:
    """`home` is the address it is served at. `clock` counts seconds; `moods` spoil hooks' next answers."""

    def __init__(self, home: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.home = home
        self.moods: deque[int] = deque()
        self.zaps: dict[str, Zap] = {}
        self.steps: dict[str, Zap] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self._clock = clock
        self._recent: deque[float] = deque()

    @property
    def app(self) -> ASGIApp:
        return Starlette(
            routes=[
                Route("/hooks/standard/{id}/", self._hook, methods=["POST", "DELETE"]),
                Route("/hooks/callback/1/{id}/s/", self._callback, methods=["POST"]),
                Route("/platform/rpc/cli", self._rpc, methods=["POST"]),
                Route("/s3/", self._store, methods=["POST"]),
                Route("/s3/{key:path}", self._file),
            ]
        )

    def new_zap(self) -> Zap:
        """A Zap that is switched on; its address is the `targetUrl`."""
        name = secrets.token_hex(6)
        self.zaps[name] = Zap(f"{self.home}/hooks/standard/{name}/")
        return self.zaps[name]

    def opened(self) -> str:
        """The address of a new Zap that starts with us."""
        return self.new_zap().url

    def heard_at(self, url: str) -> Sequence[Mapping[str, Any]]:
        """What a Zap was told."""
        return [call.body for zap in self.zaps.values() if zap.url == url for call in zap.calls]

    def new_step(self) -> Zap:
        """A step that waits; its address is what `generateCallbackUrl` gives."""
        name = secrets.token_hex(6)
        self.steps[name] = Zap(f"{self.home}/hooks/callback/1/{name}/s/")
        return self.steps[name]

    def put_file(self, name: str, content: bytes, media_type: str = "audio/wav") -> str:
        """The address that a field of type file holds for it."""
        self.files[name] = (media_type, content)
        return f"{self.home}/s3/{name}"

    async def _hook(self, request: Request) -> Response:
        zap = self.zaps.get(request.path_params["id"])
        if zap is None or not zap.live:
            return Response(status_code=410)
        if request.method == "DELETE":
            zap.live = False
            return JSONResponse({"status": "success"})
        if self.moods:
            return Response(status_code=self.moods.popleft(), headers={"Retry-After": "2"})
        if self._is_too_fast():
            return Response(status_code=429)
        zap.calls.append(await self._call(request))
        return JSONResponse({"status": "success", "id": secrets.token_hex(8)})

    async def _callback(self, request: Request) -> Response:
        step = self.steps.get(request.path_params["id"])
        if step is None or not step.live:
            return Response(status_code=404)
        call = await self._call(request)
        if not call.content.startswith("{"):
            return Response(status_code=400)
        step.live = False
        step.calls.append(call)
        return JSONResponse({"status": "success"})

    async def _rpc(self, request: Request) -> Response:
        asked = await request.json()
        if asked["method"] != "get_presigned_upload_post_data":
            return JSONResponse({"id": asked["id"], "error": "unknown method"}, 400)
        key = f"cli-platform/{secrets.token_hex(8)}"
        return JSONResponse(
            {"id": asked["id"], "result": {"url": f"{self.home}/s3/", "fields": {"key": key}}}
        )

    async def _store(self, request: Request) -> Response:
        async with request.form() as form:
            key, file = form["key"], form["file"]
            assert isinstance(key, str)
            assert isinstance(file, UploadFile)
            self.files[key] = (file.content_type or "", await file.read())
        return Response(status_code=204)

    async def _file(self, request: Request) -> Response:
        found = self.files.get(request.path_params["key"])
        if found is None:
            return Response(status_code=404)
        return Response(found[1], media_type=found[0])

    async def _call(self, request: Request) -> Call:
        kept = ("content-type", "content-length")
        headers = {
            name.title() if name in kept else f"Http-{name.title()}": value
            for name, value in request.headers.items()
        }
        return Call(self._clock(), headers, (await request.body()).decode())

    def _is_too_fast(self) -> bool:
        now = self._clock()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        self._recent.append(now)
        return len(self._recent) > CALLS_A_SECOND
