"""What must be true of any page: no error in its console, accessible, narrow enough, light enough."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import ConsoleMessage, Page

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
HEAVIEST = 150_000

_RUN_AXE = """async only => (await axe.run(document, {resultTypes: ['violations'],
    ...(only ? {runOnly: {type: 'rule', values: [only]}} : {})})).violations.map(
    found => `${found.id}: ${found.help}: ` + found.nodes.map(node => node.html.slice(0, 160)).join(' | '))"""
_WEIGHT = """() => performance.getEntriesByType('navigation')
    .concat(performance.getEntriesByType('resource').filter(entry => entry.initiatorType !== 'audio'))
    .reduce((sum, entry) => sum + entry.decodedBodySize, 0)"""
_TOO_WIDE = """() => document.documentElement.scrollWidth > innerWidth ? [...document.querySelectorAll('*')]
    .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
    .map(element => element.outerHTML.slice(0, 120)) : []"""


@asynccontextmanager
async def no_complaints(page: Page) -> AsyncIterator[None]:
    """Nothing in the console is an error: no script failed, nothing was blocked by the page's policy."""
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            said.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield
    assert said == []


async def violations(page: Page, axe: str) -> list[str]:
    """What axe-core finds on the open page in light; and in dark, by the one rule that looks at colours."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(axe)
    found: list[str] = []
    for scheme, only in (("light", None), ("dark", "color-contrast")):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # a literal
        found += [f"{scheme}: {line}" for line in await page.evaluate(_RUN_AXE, only)]
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return found


async def too_wide(page: Page) -> list[str]:
    """The elements that stick out at a phone's width."""
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a TypedDict of the same form
    found: list[str] = await page.evaluate(_TOO_WIDE)
    await page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # as above
    return found


async def weight(page: Page) -> int:
    """Bytes of the page and all it loads, uncompressed; played audio is not counted."""
    bytes_: Any = await page.evaluate(_WEIGHT)
    return int(bytes_)


async def take(page: Page, name: str, folder: Path) -> None:
    """A picture at a desk in light, and one on a phone in dark."""
    folder.mkdir(parents=True, exist_ok=True)
    await page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # a TypedDict of the same form
    await page.screenshot(path=folder / f"{name}.png")
    await page.emulate_media(color_scheme="dark")
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # as above
    await page.screenshot(path=folder / f"{name}-phone.png")
    await page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # as above
    await page.emulate_media(color_scheme="light")
