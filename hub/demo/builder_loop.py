"""One round with a scenario builder: a hook is subscribed as by its app, a text spoken, the audio told."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx

from connectors.builders import Builder, BuilderSimulator
from hub.accounts import create_key, list_accounts
from hub.demo.loop import (
    HEARD_SECONDS,
    LOOK_SECONDS,
    DemoFailed,
    Evidence,
    Say,
    check_plays,
    demo_settings,
    running_hub,
    served,
    tail,
)
from hub.hub import Hub, open_hub

_TEXT = "Hello from Sayhook. This is the voice of your new scenario."


async def demonstrate_builder(builder: Builder, models: Path, say: Say) -> Evidence:
    """Raises DemoFailed unless the simulated flow is told of audio that plays."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sayhook-demo-")))
        simulator, _ = await stack.enter_async_context(served(builder.simulator))
        settings = demo_settings(folder, models)
        say("Starting a hub")
        await stack.enter_async_context(running_hub(settings, folder))
        hub = await stack.enter_async_context(open_hub(settings))
        headers = {"Authorization": f"Bearer {await _key(hub)}"}
        client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=settings.base_url, headers=headers, trust_env=False, timeout=30)
        )
        say(f"Switching on a flow at the simulated {builder.manifest.name}")
        url = simulator.opened()
        await _made(client, "/v1/hooks", {"target_url": url})
        say("Ordering a voiceover as its action does")
        began = time.monotonic()
        made = await _made(client, "/v1/voiceovers", {"text": _TEXT})
        say("Waiting for the flow to be told of the audio")
        told = await _told(simulator, url, folder)
        if told["id"] != made["id"]:
            raise DemoFailed("The flow was told of another voiceover.")
        await check_plays(client, told["output_url"])
        seconds = round(time.monotonic() - began, 2)
        return Evidence(builder.name, _TEXT, made["id"], told["output_url"], url, seconds, played=False)


async def _key(hub: Hub) -> str:
    async with hub.database.transaction() as session:
        (account, *_) = await list_accounts(session)
        return (await create_key(session, account_id=account.id, name="demo", now=hub.now())).secret


async def _made(client: httpx.AsyncClient, path: str, fields: Mapping[str, str]) -> dict[str, Any]:
    answer = await client.post(path, json=fields)
    if not answer.is_success:
        raise DemoFailed(f"The hub answered {path} with {answer.status_code}: {answer.text}")
    made: dict[str, Any] = answer.json()
    return made


async def _told(simulator: BuilderSimulator, url: str, folder: Path) -> Mapping[str, Any]:
    deadline = time.monotonic() + HEARD_SECONDS
    while time.monotonic() < deadline:
        if heard := simulator.heard_at(url):
            return heard[0]
        await asyncio.sleep(LOOK_SECONDS)
    raise DemoFailed(f"Nothing came after {HEARD_SECONDS:g} s. The hub said:\n{tail(folder / 'hub.log')}")
