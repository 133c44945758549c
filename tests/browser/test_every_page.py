"""Every page: accessible in light and dark, usable on a phone, light, shallow, there without scripts.

`SCREENSHOTS=1` writes pictures of them into docs/screenshots.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page
from starlette.routing import compile_path

from hub.pages.routes import all_pages
from tests.browser.furnished import Furnished, furnished
from tests.browser.loading import Waterfall, watched
from tests.browser.watching import HEAVIEST, no_complaints, take, too_wide, violations, weight
from tests.databases import Prepare

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGES = [page for page in all_pages() if page.method == "GET"]
PLAIN = {page.path: page for page in PAGES if not {"{", "."} & set(page.path)}
WITH_SOMETHING_IN_HAND = {"/password/reset", "/email/confirm", "/oauth/authorize"}
NO_PAGES = {
    "/voices/{id}/recording",
    "/generations/{id}/file/{kind}",
    "/usage/statement.csv",
    "/connect/{connector}",
    "/connect/{connector}/callback",
    "/connect/{connector}/back",
}
"""Files, and ways to elsewhere."""

SLOWEST = 3000.0
"""Milliseconds to the first paint on a machine that runs other tests too; alone it takes a thirtieth."""


@dataclass(frozen=True)
class Eyes:
    """One kind of visitor, with a browser that runs scripts and one that does not."""

    page: Page
    waterfall: Waterfall
    plain_page: Page
    plain_waterfall: Waterfall


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(
    tmp_path_factory: pytest.TempPathFactory, prepare_sqlite: Prepare
) -> AsyncIterator[Furnished]:
    folder = tmp_path_factory.mktemp("furnished")
    async with furnished(folder, prepare_sqlite(folder)) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def visitors(chromium: Browser, place: Furnished) -> AsyncIterator[dict[str, Eyes]]:
    async with AsyncExitStack() as stack:
        made: dict[str, Eyes] = {}
        for who, state in place.states.items():
            pages = []
            for scripts in (True, False):
                context = await chromium.new_context(
                    base_url=place.url, storage_state=state, java_script_enabled=scripts
                )
                stack.push_async_callback(context.close)
                page = await context.new_page()
                pages += [page, await watched(page)]
            made[who] = Eyes(*pages)  # type: ignore[arg-type]  # page, waterfall, page, waterfall
        yield made


def plain_paths(who: str) -> dict[str, str]:
    """By the name of its picture."""
    kinds = {"stranger": (False, False), "customer": (True, False), "administrator": (True, True)}
    return {
        path.strip("/").replace("/", "-") or "landing": path
        for path, page in PLAIN.items()
        if (page.sign_in, page.admin) == kinds[who] and path not in WITH_SOMETHING_IN_HAND
    }


@pytest.mark.parametrize("who", ["stranger", "customer", "administrator"])
@pytest.mark.timeout(600)
async def test_every_page(
    who: str, visitors: dict[str, Eyes], place: Furnished, axe: str, screenshots: Path
) -> None:
    eyes, wrong, told = visitors[who], [], []
    async with no_complaints(eyes.page):
        for name, path in {**plain_paths(who), **place.paths[who]}.items():
            status = 404 if name.startswith("nothing") else 200
            found, figures = await looked_at(eyes, path, status, axe)
            wrong += [f"{name}: {line}" for line in found]
            told.append(f"{name:32}{figures}")
            if os.environ.get("SCREENSHOTS") and status == 200:
                await take(eyes.page, name, screenshots)
    print("page                               bytes  deep  first paint without scripts", *told, sep="\n")
    assert wrong == []


async def looked_at(eyes: Eyes, path: str, status: int, axe: str) -> tuple[list[str], str]:
    """What is wrong with a page, and its figures."""
    (wrong, heavy), plain_wrong = await asyncio.gather(
        with_scripts(eyes, path, status, axe), without_scripts(eyes, path)
    )
    first_paint = eyes.plain_waterfall.first_paint or 0.0
    figures = f"{heavy:8}{max(eyes.waterfall.depths.values()):6}{first_paint:10.0f} ms"
    return wrong + plain_wrong, figures


async def with_scripts(eyes: Eyes, path: str, status: int, axe: str) -> tuple[list[str], int]:
    wrong = []
    page, waterfall = eyes.page, eyes.waterfall
    if await waterfall.open(page, path) != status:
        wrong.append(f"status {status} expected")
    wrong += [f"too deep: {line}" for line in waterfall.deepest]
    if (heavy := await weight(page)) >= HEAVIEST:
        wrong.append(f"{heavy} bytes")
    if (titles := await page.locator("h1").count()) != 1:
        wrong.append(f"{titles} titles")
    wrong += await violations(page, axe)
    wrong += [f"too wide: {line}" for line in await too_wide(page)]
    return wrong, heavy


async def without_scripts(eyes: Eyes, path: str) -> list[str]:
    wrong = []
    plain, waterfall = eyes.plain_page, eyes.plain_waterfall
    await waterfall.open(plain, path)
    if not await plain.locator("h1").is_visible():
        wrong.append("no title without scripts")
    if (waterfall.first_paint or 0.0) > SLOWEST:
        wrong.append(f"first paint after {waterfall.first_paint:.0f} ms")
    return wrong


async def test_no_page_is_forgotten(place: Furnished) -> None:
    """Each address of a page is visited, those with an id in it too."""
    visited = [path.partition("?")[0] for paths in place.paths.values() for path in paths.values()]
    visited += [path for path in PLAIN if path not in WITH_SOMETHING_IN_HAND]
    for page in PAGES:
        pattern, _, _ = compile_path(page.path)
        assert page.path in NO_PAGES or any(map(pattern.fullmatch, visited)), page.path
