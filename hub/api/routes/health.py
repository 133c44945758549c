"""Whether the process lives, and whether the hub can work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from starlette.responses import JSONResponse, Response

from hub.api.call import Call
from hub.api.problems import NotReady
from hub.hub import Hub

_PATIENCE = 3.0


async def healthz(call: Call) -> Response:
    """`GET /healthz`"""
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def readyz(call: Call) -> Response:
    """`GET /readyz`: 503 names what is missing."""
    parts = {
        "database": call.hub.database.ping(),
        "queue": call.hub.queue.ping(),
        "speak worker": _speak_worker(call.hub),
    }
    there = await asyncio.gather(*(_answers(part) for part in parts.values()))
    missing = tuple(name for name, found in zip(parts, there, strict=True) if not found)
    if missing:
        raise NotReady(missing)
    return JSONResponse({"status": "ready"}, headers={"Cache-Control": "no-store"})


async def _speak_worker(hub: Hub) -> None:
    if await hub.queue.live_workers("speak") < 1:
        raise LookupError("no live speak worker")


async def _answers(part: Awaitable[None]) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE):
            await part
    except Exception:
        return False
    return True
