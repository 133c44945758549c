"""The page of a scenario builder, with a live hook on it."""

from __future__ import annotations

import json

import pytest
import requests

from tests.browser.person import Person

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("zapier", "https://hooks.zapier.com/hooks/standard/1234567/abcdef/"),
        ("make", "https://hook.eu1.make.com/h3x4q7o2n9vd8w1zr5ty6ub0pcmakls"),
    ],
    ids=["zapier", "make"],
)
async def test_the_page_of_a_builder(customer: Person, name: str, target: str) -> None:
    hub = customer.hub
    made = hub.command("keys", "create", "--account", "customer@example.com", "--name", name, "--json")
    bearer = {"Authorization": f"Bearer {json.loads(made)['api_key']}"}
    hook = {"target_url": target, "mode": "clone"}
    assert requests.post(f"{hub.url}/v1/hooks", json=hook, headers=bearer, timeout=20).status_code == 201
    await customer.open(f"/builders/{name}")
    page = customer.page
    assert await page.get_by_role("button", name="Send a test to hook 1").count() == 1
    await page.get_by_role("button", name="Remove hook 1").click()
    await page.get_by_text("Nothing there starts with Sayhook yet").wait_for()
