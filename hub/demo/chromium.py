"""A page's player in a real browser: Chromium, told what to do over a pipe (the DevTools protocol).

Nothing but the browser is needed. The protocol's messages are JSON, each ended by a zero byte; the browser
reads them from its descriptor 3 and writes to its descriptor 4.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, Final

START_SECONDS: Final = 20.0
PLAY_SECONDS: Final = 20.0
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_OPTIONS: Final = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--autoplay-policy=no-user-gesture-required",
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-proxy-server",
)
_MOVED: Final = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
_LOOK: Final = 0.2
_HEARD: Final = 0.3
_PLAY: Final = """
(() => {
  const audio = document.querySelector("audio");
  if (!audio) return "there is no player on the page";
  if (audio.error) return `the browser cannot play it (${audio.error.message || audio.error.code})`;
  if (audio.paused && !audio.ended) audio.play().catch(() => {});
  return audio.currentTime;
})()
"""


class BrowserUnusable(Exception):
    """Chromium does not start here."""


class DoesNotPlay(Exception):
    """The sentence says what the browser made of the page."""


def installed() -> str | None:
    """The path of a Chromium on this machine."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


async def play(executable: str, page: str, *, seconds: float = PLAY_SECONDS) -> None:
    """Returns when the page's player has played for a while. Raises DoesNotPlay and BrowserUnusable."""
    async with _started(executable) as browser:
        try:
            async with asyncio.timeout(START_SECONDS):
                opened = await browser.call("Target.createTarget", {"url": page})
                asked = {"targetId": opened["targetId"], "flatten": True}
                session = (await browser.call("Target.attachToTarget", asked))["sessionId"]
        except (TimeoutError, EOFError, KeyError, OSError) as error:
            raise BrowserUnusable(f"{executable} does not start here.") from error
        found: object = "the page did not open"
        try:
            async with asyncio.timeout(seconds):
                while not (isinstance(found, int | float) and found >= _HEARD):
                    answer = await browser.call("Runtime.evaluate", {"expression": _PLAY}, session)
                    found = answer.get("result", {}).get("value", found)
                    await asyncio.sleep(_LOOK)
        except (TimeoutError, EOFError) as error:
            stuck = f"it stands at {found} s" if isinstance(found, int | float) else str(found)
            raise DoesNotPlay(f"The audio does not play on {page}: {stuck}.") from error


class _Browser:
    def __init__(self, reader: asyncio.StreamReader, write: int) -> None:
        self._reader = reader
        self._write = write
        self._numbers: Iterator[int] = count(1)

    async def call(self, method: str, given: dict[str, Any], session: str | None = None) -> dict[str, Any]:
        """The answer's `result`; empty where the browser refuses. Raises EOFError when it has ended."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": given}
        addressed = message | ({"sessionId": session} if session else {})
        os.write(self._write, json.dumps(addressed).encode() + b"\0")
        while True:
            told = json.loads((await self._reader.readuntil(b"\0"))[:-1])
            if told.get("id") == number:
                result: dict[str, Any] = told.get("result", {})
                return result


@asynccontextmanager
async def _started(executable: str) -> AsyncIterator[_Browser]:
    (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
    options = [*_OPTIONS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with tempfile.TemporaryDirectory(prefix="sayhook-browser-", ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _MOVED, str(theirs_in), str(theirs_out)),
            *(executable, *options, f"--user-data-dir={profile}", "about:blank"),
            pass_fds=(theirs_in, theirs_out),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        reader = asyncio.StreamReader(limit=16 * 1024 * 1024)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(ours_in, "rb", buffering=0)
        )
        try:
            yield _Browser(reader, ours_out)
        finally:
            os.close(ours_out)
            transport.close()
            await _ended(process)


async def _ended(process: asyncio.subprocess.Process) -> None:
    """It ends by itself when its pipe is closed, and takes its children along."""
    try:
        await asyncio.wait_for(process.wait(), 10)
    except TimeoutError:
        process.kill()
        await process.wait()
