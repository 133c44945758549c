"""The code that a page shows, run as it stands: it orders what the form said, and hears it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select
from starlette.applications import Starlette

from hub.hub import Hub
from hub.money import grant
from hub.store.tables import Account
from tests.hub.api.narration import Narrator, narrating
from tests.hub.api.recordings import voice_like, wav
from tests.hub.api.serving import serving
from tests.hub.pages.conftest import Browser, sign_up

TEXT = '@Say "this", it\'s 5 $HOME `x` ${y} \\n & </code> %s {z}\nGrüße 👋'
LANGUAGES = {"curl": ["bash"], "Python": [sys.executable], "JavaScript": ["node", "--input-type=module", "-"]}
"""Each reads its program from standard input."""


async def run(language: str, code: str, folder: Path, key: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *LANGUAGES[language],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "SAYHOOK_KEY": key},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await asyncio.wait_for(process.communicate(code.encode()), 60)
    assert process.returncode == 0, f"{language}: {errors.decode()}"
    return out.decode().strip()


def codes_of(page: LexborHTMLParser) -> dict[str, str]:
    """By the name of the language, as somebody copies it."""
    shown = [found.text() for found in page.css("pre code")]
    names = [found.text(strip=True) for found in page.css(".tabs label")]
    assert names == list(LANGUAGES)
    return dict(zip(names, shown, strict=True))


async def heard(language: str, said: str, client: httpx.AsyncClient, key: str) -> bytes:
    """The audio that a run has led to: curl shows the order, the others wait for its link."""
    url = said
    if language == "curl":
        order = json.loads(said)
        bearer = {"Authorization": f"Bearer {key}"}
        for _ in range(200):
            status = (await client.get(order["status_url"], headers=bearer)).json()
            if status["status"] == "completed":
                break
            await asyncio.sleep(0.05)
        url = status["output_url"]
    assert urlsplit(url).scheme == "http", said
    answer = await client.get(url)
    assert answer.status_code == 200
    return answer.content


async def shown_whole(browser: Browser) -> None:
    """The page of the generation once it is spoken: with the code for it."""
    for _ in range(200):
        if "completed" in await browser.open(browser.path):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(browser.text)


async def ran(browser: Browser, narrator: Narrator, folder: Path, key: str) -> list[bytes]:
    narrator.requests.clear()
    codes = codes_of(browser.page)
    said = await asyncio.gather(*(run(name, code, folder, key) for name, code in codes.items()))
    return [await heard(name, output, browser.client, key) for name, output in zip(codes, said, strict=True)]


@pytest.mark.timeout(120)
async def test_what_the_pages_show_runs_in_all_three_languages(
    app: Starlette, hub: Hub, tmp_path: Path
) -> None:
    recording = wav(voice_like(6.0))
    (tmp_path / "voice.wav").write_bytes(recording)
    async with serving(app) as url, narrating(hub) as narrator, httpx.AsyncClient(base_url=url) as client:
        client.follow_redirects = True
        browser = Browser(client)
        key = await sign_up(browser)
        async with hub.database.transaction() as session:
            account_id = (await session.scalars(select(Account.id))).one()
            await grant(session, account_id=account_id, credits=1000, note="", now=hub.now())

        await browser.open("/playground")
        voice = 'a "calm" woman, it\'s her'
        design: dict[str, Any] = {"text": TEXT, "voice_description": voice, "format": "mp3"}
        await browser.send("/playground", **design)
        await shown_whole(browser)
        audio = await ran(browser, narrator, tmp_path, key)
        assert [(each.text, each.description) for each in narrator.requests[-3:]] == [(TEXT, voice)] * 3
        assert all(each[:3] == b"ID3" or each[0] == 0xFF for each in audio)

        await browser.open("/playground?voice=recording")
        me = {"voice_ref": ("me.wav", recording)}
        await browser.send("/playground", files=me, text=TEXT, voice="recording", format="wav")
        await shown_whole(browser)
        audio = await ran(browser, narrator, tmp_path, key)
        assert [(each.text, each.reference) for each in narrator.requests[-3:]] == [(TEXT, recording)] * 3
        assert all(each[:4] == b"RIFF" for each in audio)
