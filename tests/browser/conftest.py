"""One Chromium and one hub with a real worker for every test here.

Each test module says `pytestmark = pytest.mark.asyncio(loop_scope="session")`: the browser lives on one loop.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, StorageState, async_playwright, expect

from tests.browser.person import Person
from tests.browser.watching import no_complaints
from tests.flow.running_hub import RunningHub
from tests.npm import fetched

AXE = "axe-core@4.14.1"
PASSWORD = "four random words here"

expect.set_options(timeout=20_000)  # a machine that runs other tests beside these answers late


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "chromium is missing: install chromium"
    async with async_playwright() as playwright:
        options = ["--autoplay-policy=no-user-gesture-required", "--use-fake-device-for-media-stream"]
        browser = await playwright.chromium.launch(executable_path=found, args=options)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, from the package registry."""
    return (fetched(AXE) / "axe.min.js").read_text("utf-8")


@pytest_asyncio.fixture(loop_scope="session")
async def stranger(chromium: Browser, hub_server: RunningHub) -> AsyncIterator[Person]:
    """Somebody at a fresh browser."""
    context = await chromium.new_context(base_url=hub_server.url)
    page = await context.new_page()
    async with no_complaints(page):
        yield Person(page, hub_server)
    await context.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def signed_in_state(chromium: Browser, hub_server: RunningHub) -> StorageState:
    """The cookies of a customer who has signed up."""
    return await _signed_up(chromium, hub_server, "customer@example.com")


async def _signed_up(chromium: Browser, hub_server: RunningHub, email: str) -> StorageState:
    context = await chromium.new_context(base_url=hub_server.url)
    person = Person(await context.new_page(), hub_server)
    await person.sign_up(email, PASSWORD)
    state = await context.storage_state()
    await context.close()
    return state


@pytest_asyncio.fixture(loop_scope="session")
async def customer(
    chromium: Browser, hub_server: RunningHub, signed_in_state: StorageState
) -> AsyncIterator[Person]:
    """Somebody signed in; the account is shared by all tests, so count on nothing but the session."""
    context = await chromium.new_context(base_url=hub_server.url, storage_state=signed_in_state)
    page = await context.new_page()
    async with no_complaints(page):
        yield Person(page, hub_server)
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def scriptless(chromium: Browser, hub_server: RunningHub) -> AsyncIterator[Person]:
    """Somebody whose browser runs no scripts."""
    context = await chromium.new_context(base_url=hub_server.url, java_script_enabled=False)
    yield Person(await context.new_page(), hub_server)
    await context.close()


@pytest.fixture
def screenshots(pytestconfig: pytest.Config) -> Path:
    return pytestconfig.rootpath / "docs" / "screenshots"
