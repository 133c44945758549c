"""Every page there is: accessible in light and dark, usable on a phone, and light.

`SCREENSHOTS=1` writes pictures of them into docs/screenshots.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hub.pages.routes import all_pages
from tests.browser.person import Person
from tests.browser.watching import DESKTOP, HEAVIEST, PHONE, too_wide, violations, weight

pytestmark = pytest.mark.asyncio(loop_scope="session")

ON_THE_WAY = {"/password/reset", "/email/confirm", "/oauth/authorize"}
"""Pages that open only with something in hand; the walks that lead to them look at them."""

PLAIN = [
    page
    for page in all_pages()
    if page.method == "GET" and not {"{", "."} & set(page.path) and page.path not in ON_THE_WAY
]
OUTSIDE = sorted(page.path for page in PLAIN if not page.sign_in)
ADMIN = sorted(page.path for page in PLAIN if page.admin)
INSIDE = sorted(page.path for page in PLAIN if page.sign_in and not page.admin)


@pytest.mark.parametrize("path", OUTSIDE)
async def test_a_page_for_strangers(stranger: Person, path: str, axe: str, screenshots: Path) -> None:
    await check(stranger, path, axe, screenshots)


@pytest.mark.parametrize("path", INSIDE)
async def test_a_page_for_customers(customer: Person, path: str, axe: str, screenshots: Path) -> None:
    await check(customer, path, axe, screenshots)


@pytest.mark.parametrize("path", ADMIN)
async def test_a_page_for_administrators(
    administrator: Person, path: str, axe: str, screenshots: Path
) -> None:
    await check(administrator, path, axe, screenshots)


async def check(person: Person, path: str, axe: str, screenshots: Path) -> None:
    page = person.page
    await person.open(path)
    assert await page.locator("h1").count() == 1
    assert await weight(page) < HEAVIEST
    assert await violations(page, axe) == []
    assert await too_wide(page) == []
    if os.environ.get("SCREENSHOTS"):
        await take(person, path.partition("?")[0].strip("/").replace("/", "-") or "landing", screenshots)


async def take(person: Person, name: str, folder: Path) -> None:
    """A picture at a desk in light, and one on a phone in dark."""
    page = person.page
    folder.mkdir(parents=True, exist_ok=True)
    await page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # a TypedDict of the same form
    await page.screenshot(path=folder / f"{name}.png")
    await page.emulate_media(color_scheme="dark")
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # as above
    await page.screenshot(path=folder / f"{name}-phone.png")
