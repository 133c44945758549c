"""Zapier's platform core around our app: a Node process that is sent events, as Zapier's own machines do."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from connectors.zapier.simulator import Call

APP = Path(__file__).parents[3] / "manifests" / "zapier"
DRIVER = Path(__file__).parent / "driver.js"


class StepFailed(Exception):
    """What the app threw; `name` and `words` are what Zapier acts on and shows."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name, self.message = name, message

    @property
    def told(self) -> dict[str, Any]:
        """Of an error of the app's own: message, code and status."""
        told: dict[str, Any] = json.loads(self.message)
        return told


@dataclass(frozen=True)
class Done:
    """What a method returned; `paused` when the step waits to be called back."""

    results: Any
    paused: bool


@dataclass
class Platform:
    process: asyncio.subprocess.Process
    auth: dict[str, str] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: count(1))
    _waiting: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)

    async def run(self, method: str, *, callback_url: str | None = None, **bundle: Any) -> Any:
        return (await self.step(method, callback_url=callback_url, **bundle)).results

    async def step(self, method: str, *, callback_url: str | None = None, **bundle: Any) -> Done:
        event: dict[str, Any] = {"command": "execute", "method": method}
        event["bundle"] = {"authData": self.auth, "inputData": {}, "meta": {}, **bundle}
        if callback_url:
            event["callback_url"] = callback_url
        answer = await self.ask(event)
        return Done(answer["results"], answer.get("status") == "CALLBACK")

    async def ask(self, event: Mapping[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"id": number, **event}).encode() + b"\n")
        answer = await asyncio.wait_for(self._waiting[number], 60)
        if "error" in answer:
            raise StepFailed(answer["error"]["name"], answer["error"]["message"])
        return answer

    async def listen(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            if line.startswith(b"@@"):
                answer = json.loads(line[2:])
                self._waiting.pop(answer["id"]).set_result(answer)


@asynccontextmanager
async def running_platform(app: Path, environment: Mapping[str, str]) -> AsyncIterator[Platform]:
    """`app` is a folder with our app and its packages."""
    node = shutil.which("node")
    assert node, "node is missing: install nodejs"
    process = await asyncio.create_subprocess_exec(
        node,
        str(app / "driver.js"),
        str(app),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={"PATH": str(Path(node).parent), "NODE_ENV": "test", **environment},
        limit=2**22,
    )
    platform = Platform(process)
    listening = asyncio.create_task(platform.listen())
    try:
        yield platform
    finally:
        process.kill()
        await process.wait()
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening


def told_by(call: Call) -> dict[str, Any]:
    """A message at a hook or a callback, as a bundle holds it."""
    raw = {"method": "POST", "headers": call.headers, "content": call.content}
    return {"cleanedRequest": call.body, "rawRequest": raw}
