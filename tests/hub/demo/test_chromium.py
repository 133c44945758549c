"""A page's player is really played, and one that does not play is told apart."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from hub.demo import chromium
from tests.hub.api.serving import serving

PAGES = {
    "plays": '<audio controls preload="none" src="/tone.mp3"></audio>',
    "gone": '<audio controls src="/gone.mp3"></audio>',
    "silent": "<p>Nothing to hear.</p>",
}


async def _page(request: Request) -> Response:
    return HTMLResponse(PAGES[request.path_params["name"]])


async def _tone(request: Request) -> Response:
    file = io.BytesIO()
    tone = 0.3 * np.sin(np.arange(24_000) * 0.05)
    soundfile.write(file, tone.astype(np.float32), 24_000, format="MP3")
    return Response(file.getvalue(), media_type="audio/mpeg")


async def test_only_a_page_that_plays_passes() -> None:
    browser = chromium.installed()
    assert browser, "chromium is missing: install chromium"
    app = Starlette(routes=[Route("/tone.mp3", _tone), Route("/pages/{name}", _page)])
    async with serving(app) as url:
        await chromium.play(browser, f"{url}/pages/plays")
        with pytest.raises(chromium.DoesNotPlay, match="the browser cannot play it"):
            await chromium.play(browser, f"{url}/pages/gone", seconds=2)
        with pytest.raises(chromium.DoesNotPlay, match="there is no player on the page"):
            await chromium.play(browser, f"{url}/pages/silent", seconds=1)


async def test_a_browser_that_does_not_start_says_so() -> None:
    with pytest.raises(chromium.BrowserUnusable, match=r"^/bin/false does not start here\.$"):
        await chromium.play("/bin/false", "http://127.0.0.1:9/")
