"""The page of a scenario builder, with a live hook on it."""

from __future__ import annotations

import pytest
import requests
from sqlalchemy.ext.asyncio import AsyncSession

from hub.accounts import create_key, find_account_by_email
from hub.hub import utc_now
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
    bearer = {"Authorization": f"Bearer {hub.written(_new_key)}"}
    hook = {"target_url": target, "mode": "clone"}
    assert requests.post(f"{hub.url}/v1/hooks", json=hook, headers=bearer, timeout=20).status_code == 201
    await customer.open(f"/builders/{name}")
    page = customer.page
    assert await page.get_by_role("button", name="Send a test to hook 1").count() == 1
    await page.get_by_role("button", name="Remove hook 1").click()
    await page.get_by_text("Nothing there starts with Sayhook yet").wait_for()


async def _new_key(session: AsyncSession) -> str:
    account = await find_account_by_email(session, "customer@example.com")
    assert account is not None
    return (await create_key(session, account_id=account.id, name="builder", now=utc_now())).secret
