"""The example app against a real hub, on both runtimes: published, spoken, told, played; who is refused."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
import requests
import soundfile
from playwright.async_api import Locator, Page, async_playwright, expect

from tests.connectors.nextjs.blog import PASSWORD, ROUTES, Blog, served
from tests.connectors.nextjs.workspace import ROOT, Workspace
from tests.flow.api_account import ApiAccount
from tests.flow.running_hub import RunningHub

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]

HEARD_SECONDS = 90.0
PLAYS = """audio => audio.play().then(() => new Promise(done => {
    audio.ontimeupdate = () => audio.currentTime > 0.1 && done(true)
}))"""
POSTS = {
    "Node.js": ("How to read a tide table", "/posts/tide-tables"),
    "Edge": ("A night at the lighthouse", "/posts/lighthouse"),
}
every_runtime = pytest.mark.parametrize("runtime", list(ROUTES))


@pytest.fixture(scope="module")
def owner(hub_server: RunningHub) -> ApiAccount:
    return hub_server.new_account(plan="paid", credits=5000)


@pytest.fixture(scope="module")
def blog(
    workspace: Workspace, hub_server: RunningHub, owner: ApiAccount, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Blog]:
    with served(workspace, hub_server, owner, tmp_path_factory.mktemp("blog")) as found:
        yield found


@pytest_asyncio.fixture
async def page(blog: Blog) -> AsyncIterator[Page]:
    """The author's browser."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "chromium is missing: install chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=found, args=["--autoplay-policy=no-user-gesture-required"]
        )
        context = await browser.new_context(
            base_url=blog.url, http_credentials={"username": "author", "password": PASSWORD}
        )
        yield await context.new_page()
        await browser.close()


async def test_what_is_published_is_heard_on_its_page(blog: Blog, hub_server: RunningHub, page: Page) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for runtime, (title, path) in POSTS.items():
        await page.goto(path)
        await expect(page.locator("audio")).to_have_count(0)
        await page.goto("/studio")
        await page.get_by_role("region", name=runtime).get_by_role("button", name=title).click()
        await page.wait_for_url(f"**{path}")
    for _, path in POSTS.values():
        player = await _player(page, blog.url, path)
        assert str(await player.get_attribute("src")).startswith(f"{hub_server.url}/a/")
        assert await player.evaluate(PLAYS)
        assert await player.evaluate("audio => audio.duration") > 2
    await _picture(page, "nextjs-post")
    await page.goto("/studio")
    for runtime in ROUTES:
        studio = page.get_by_role("region", name=runtime)
        await studio.get_by_role("button", name="Hear the voice").click()
        player = studio.get_by_label("The voice")
        await expect(player).to_be_visible(timeout=HEARD_SECONDS * 1000)
        assert await player.evaluate(PLAYS)
    await _picture(page, "nextjs-studio")
    assert complaints == []


async def _player(page: Page, url: str, path: str) -> Locator:
    """The player of the page at `path`, once the webhook has had it made anew."""
    deadline = time.monotonic() + HEARD_SECONDS
    while "<audio" not in (await asyncio.to_thread(requests.get, url + path, timeout=30)).text:
        assert time.monotonic() < deadline, f"no audio on {path}"
        await asyncio.sleep(0.3)
    await page.goto(path)
    return page.get_by_label("Listen to this post").last


async def _picture(page: Page, name: str) -> None:
    if os.environ.get("SCREENSHOTS"):
        await page.set_viewport_size({"width": 900, "height": 560})
        await page.screenshot(path=ROOT / "docs/screenshots" / f"{name}.png")


@every_runtime
def test_a_message_is_let_in_once_and_only_as_it_was_signed(blog: Blog, runtime: str) -> None:
    body = b'{"type": "webhook.test", "data": {}}'
    now = time.time()
    assert blog.tell(runtime, body, message_id="msg_t", at=now) == 204
    assert blog.tell(runtime, body, message_id="msg_t", at=now) == 409
    assert blog.tell(runtime, body, message_id="msg_t", at=now + 7) == 204
    assert blog.tell(runtime, body, message_id="msg_u", at=now, sent=body.replace(b"test", b"tesT")) == 401
    assert blog.tell(runtime, body, message_id="msg_v", at=now - 301) == 400
    unsigned = requests.post(f"{blog.url}{ROUTES[runtime]}/webhook", data=body, timeout=30)
    assert unsigned.status_code == 400
    other = dict.fromkeys(ROUTES, f"whsec_{base64.b64encode(b'x' * 32).decode()}")
    strange = Blog(blog.url, other, blog.built)
    assert strange.tell(runtime, body, message_id="msg_w", at=now) == 401


@every_runtime
def test_strangers_order_and_publish_nothing(blog: Blog, owner: ApiAccount, runtime: str) -> None:
    route = ROUTES[runtime]
    ordered = requests.post(f"{blog.url}{route}/generate", json={"text": "Hello."}, timeout=30)
    assert (ordered.status_code, ordered.json()["code"]) == (401, "not_signed_in")
    author = ("author", PASSWORD)
    mistaken = requests.post(f"{blog.url}{route}/generate", json={"text": ""}, auth=author, timeout=30)
    assert (mistaken.status_code, mistaken.json()["code"]) == (400, "text_empty")
    assert requests.get(f"{blog.url}{route}/status/g1.x", auth=author, timeout=30).status_code == 404
    publish = f"{blog.url}{route.removesuffix('/voice')}/publish"
    form = {"slug": "tide-tables"}
    assert requests.post(publish, data=form, headers={"Origin": blog.url}, timeout=30).status_code == 403
    forged = {"Origin": "https://evil.example"}
    assert requests.post(publish, data=form, headers=forged, auth=author, timeout=30).status_code == 403


def test_no_browser_is_given_a_key(blog: Blog, owner: ApiAccount) -> None:
    scripts = list((blog.built / "static").rglob("*.js"))
    assert scripts
    for script in scripts:
        text = script.read_text("utf-8", "replace")
        assert not re.search(r"whsec_[A-Za-z0-9+/]{8}|shk_[A-Za-z0-9]{8}", text), script.name


def test_the_ai_sdk_speaks_through_our_provider(
    workspace: Workspace, hub_server: RunningHub, owner: ApiAccount
) -> None:
    done = subprocess.run(
        ["node", "--input-type=module", "-"],
        cwd=workspace.package,
        input=(Path(__file__).parent / "speech.mjs").read_text("utf-8"),
        env={**os.environ, "SAYHOOK_URL": hub_server.url, "SAYHOOK_API_KEY": owner.api_key},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    whole, fresh, streamed = told["whole"], told["fresh"], told["streamed"]
    assert (whole["type"], whole["warnings"]) == ("audio/wav", [])
    assert whole["metadata"]["sayhook"]["generationId"]
    assert fresh["type"] == "audio/mpeg"
    assert fresh["warnings"][0]["feature"] == "outputFormat"
    for audio in (whole, fresh):
        samples, rate = soundfile.read(io.BytesIO(base64.b64decode(audio["audio"])))
        assert len(samples) > rate
        assert np.abs(samples).max() > 0.05
    pcm = np.frombuffer(base64.b64decode(streamed["audio"]), "<i2")
    assert len(pcm) > 24_000
    assert np.abs(pcm).max() > 1000
    assert told["refused"] == {"name": "AI_APICallError", "status": 401, "isRetryable": False}
