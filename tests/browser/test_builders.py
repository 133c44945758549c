"""The page of a scenario builder, with a live hook on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests

from tests.browser.person import Person
from tests.browser.test_every_page import check

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_page_of_zapier(customer: Person, axe: str, screenshots: Path) -> None:
    hub = customer.hub
    made = hub.command("keys", "create", "--account", "customer@example.com", "--name", "Zaps", "--json")
    bearer = {"Authorization": f"Bearer {json.loads(made)['api_key']}"}
    hook = {"target_url": "https://hooks.zapier.com/hooks/standard/1234567/abcdef/", "mode": "clone"}
    assert requests.post(f"{hub.url}/v1/hooks", json=hook, headers=bearer, timeout=20).status_code == 201
    await check(customer, "/builders/zapier", axe, screenshots)
    page = customer.page
    assert await page.get_by_role("button", name="Send a test to hook 1").count() == 1
    await page.get_by_role("button", name="Remove hook 1").click()
    await page.get_by_text("Nothing there starts with Sayhook yet").wait_for()
