"""The application behind a real uvicorn, for what only sockets show."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette

from hub.api.server import server_config
from hub.serve.listen import listen


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[str]:
    """The base URL of `app`, served on a free port of the loopback address."""
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(server_config(app, lifespan="off", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()
