"""A Next.js app through the hub: announced, spoken, and told by a message only this hub could have signed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest_asyncio

from connectors.nextjs.simulator import ROUTE, Simulator
from connectors.values import Hook
from tests.hub.api.serving import serving
from tests.hub.connections.conftest import Workshop
from webhooks import signing


class Site:
    """The simulated app at its address, connected."""

    def __init__(self, simulator: Simulator, url: str, workshop: Workshop) -> None:
        self.simulator, self.url, self.workshop = simulator, url, workshop
        self.connection: dict[str, Any] = {}
        self.answers: list[int] = []

    async def connect(self) -> None:
        form = {"connector": "nextjs", "address": self.url}
        self.connection = await self.workshop.call("POST", "/v1/connections", 201, json=form)
        self.simulator.set_up(Hook(self.connection["hook_url"], self.connection["hook_secret"]))

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        answer = await self.workshop.client.post(url, headers=dict(headers), content=body)
        self.answers.append(answer.status_code)
        return answer.status_code

    async def settle(self) -> None:
        await self.simulator.send_waiting()
        await self.workshop.settle()

    async def page(self, path: str) -> str:
        async with httpx.AsyncClient() as reader:
            return (await reader.get(self.url + path)).text


@pytest_asyncio.fixture
async def site(workshop: Workshop) -> AsyncIterator[Site]:
    simulator: Simulator

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await simulator.app(scope, receive, send)

    async def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
        return await made.post(url, headers, body)

    async with serving(app) as url:  # type: ignore[arg-type]  # any ASGI app
        simulator = Simulator(url, post=post, now=workshop.clock)
        made = Site(simulator, url, workshop)
        await made.connect()
        yield made


async def test_a_post_gets_its_voice_and_keeps_its_address(site: Site) -> None:
    path = await site.simulator.act()
    await site.settle()
    text = "How to read a tide table. Find your harbour, then the day."
    assert await site.workshop.spoken() == [text]
    (told,) = site.simulator.state.done
    assert f'src="{told["audio_url"]}"' in await site.page(path)
    assert (await site.workshop.client.get(told["audio_url"])).status_code == 200

    site.simulator.publish("tide-tables", "How to read a tide table", "Find your harbour, then the day.")
    await site.settle()
    assert len(site.simulator.state.done) == 1
    site.simulator.publish("tide-tables", "Tides", "High and low.", "post.updated")
    await site.settle()
    assert [told["audio_url"] for told in site.simulator.state.done] == [told["audio_url"]] * 2
    events = await site.workshop.events(site.connection["id"])
    assert [event["verdict"] for event in events] == ["spoken", "ignored", "spoken"]


async def test_an_app_with_another_secret_is_refused_and_refuses(site: Site) -> None:
    await site.simulator.act()
    await site.simulator.send_waiting()
    right = site.simulator.state.hook
    assert right is not None
    site.simulator.set_up(Hook(right.url, signing.new_secret()))
    site.simulator.publish("other", "Not let in", "Nobody hears this.")
    await site.settle()
    assert site.answers == [200, 401]
    assert await site.workshop.spoken() == ["How to read a tide table. Find your harbour, then the day."]
    shown = await site.workshop.call("GET", f"/v1/connections/{site.connection['id']}")
    assert (shown["status"], site.simulator.state.done) == ("broken", [])

    site.simulator.set_up(right)
    await site.workshop.call("POST", f"/v1/connections/{site.connection['id']}/resume")
    await site.workshop.settle()
    assert len(site.simulator.state.done) == 1


async def test_the_simulated_app_refuses_what_a_real_one_does(site: Site) -> None:
    hook = site.simulator.state.hook
    assert hook is not None
    seconds = int(site.workshop.clock().timestamp())
    body = b'{"type": "audio.ready", "data": {"id": "p", "audio_url": "https://hub.example/a/1.mp3"}}'

    async def tell(at: int, content: bytes = body) -> int:
        signed = signing.sign([hook.secret], "msg_1", at, body)
        async with httpx.AsyncClient() as client:
            return (await client.post(site.url + ROUTE, headers=signed, content=content)).status_code

    answers = [await tell(seconds), await tell(seconds), await tell(seconds + 9), await tell(seconds - 400)]
    assert answers == [204, 409, 204, 400]
    assert await tell(seconds, body.replace(b"1.mp3", b"2.mp3")) == 401
    assert len(site.simulator.state.done) == 1
