"""The web process of a fresh hub stays small while recordings, audio and pages go through it."""

from __future__ import annotations

import asyncio

import httpx
import pytest
import requests

from tests.flow.processes import resident_bytes
from tests.flow.recordings import encoded, hum
from tests.flow.running_hub import RunningHub
from tests.hub.pages.conftest import Browser, sign_up

pytestmark = pytest.mark.alone  # a hub that just started, whichever tests run before

WEB_MEGABYTES = 150
PAGES = (
    "/",
    "/pricing",
    "/playground",
    "/generations",
    "/voices",
    "/usage",
    "/keys",
    "/connections",
    "/settings",
)


def test_the_web_process_stays_small(hub_server: RunningHub) -> None:
    account = hub_server.new_account(plan="paid")
    recording = encoded(hum(8), 24_000)
    final = account.completed(account.generate("Small and quick.", language="en")["id"])
    for _ in range(20):
        accepted = account.generate("Only to be cancelled.", reference=recording)
        account.cancel_all([accepted["id"]])
        account.status(accepted["id"])
        account.audio(final)
        for path in ("/v1/account", "/v1/tts/generations", "/v1/languages", "/openapi.json", "/metrics"):
            assert account.get(path).status_code in (200, 401, 403), path
        assert requests.get(f"{hub_server.url}/readyz", timeout=10).status_code == 200
    asyncio.run(_look_around(hub_server.url))
    megabytes = resident_bytes(hub_server.child("hub", "web").pid) / 1024**2
    print(f"web process: {megabytes:.0f} MB resident")
    assert megabytes < WEB_MEGABYTES


async def _look_around(url: str) -> None:
    """Signing up weighs too: hashing a password takes much memory, and pages are drawn from templates."""
    async with httpx.AsyncClient(base_url=url, follow_redirects=True, timeout=30) as client:
        browser = Browser(client)
        await sign_up(browser)
        for path in PAGES * 3:
            await browser.open(path)
            assert (browser.answer.status_code, browser.path) == (200, path)
