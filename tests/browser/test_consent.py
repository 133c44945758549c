"""Allowing an app in a real browser, which holds every redirect after the form against the page's policy."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from playwright.async_api import Route
from sqlalchemy.ext.asyncio import AsyncSession

from hub.hub import utc_now
from hub.oauth import create_client
from tests.browser.conftest import PASSWORD
from tests.browser.person import Person

pytestmark = pytest.mark.asyncio(loop_scope="session")

CALLBACK = "https://www.make.com/oauth/cb/app"
ONWARDS = "https://eu1.make.com/connected"


async def test_a_person_allows_an_app_and_ends_it(stranger: Person) -> None:
    person, page = stranger, stranger.page
    app = person.hub.written(_registered)
    arrived: list[str] = []

    async def platform(route: Route) -> None:
        """Make's servers: the callback leads on to the person's own zone."""
        arrived.append(route.request.url)
        await route.fulfill(status=302, headers={"Location": ONWARDS})

    await page.route(CALLBACK + "?*", platform)
    asked = {"response_type": "code", "client_id": app["client_id"], "redirect_uri": CALLBACK, "state": "s-1"}
    path = f"/oauth/authorize?{urlencode(asked)}"
    await person.open(path)
    await page.locator("main").get_by_role("link", name="Sign up").click()
    await page.locator("#email").fill("connects@example.com")
    await page.locator("#password").fill(PASSWORD)
    await person.press("Sign up")
    await person.reads("Read the account's balance, limits and usage")
    assert await page.get_by_role("navigation").count() == 0, "the question stands alone"
    async with page.expect_request(ONWARDS):
        await person.press("Allow")

    given = parse_qs(urlsplit(arrived[0]).query)
    assert (given["state"], given["iss"]) == (["s-1"], [person.hub.url])
    exchange = {"grant_type": "authorization_code", "code": given["code"][0], "redirect_uri": CALLBACK, **app}
    tokens = requests.post(f"{person.hub.url}/oauth/token", data=exchange, timeout=10).json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    account = requests.get(f"{person.hub.url}/v1/account", headers=bearer, timeout=10)
    assert account.json()["email"] == "connects@example.com"

    # A tab of its own: the first one is still on its way to the platform.
    person = replace(person, page=await page.context.new_page())
    await person.open("/settings/apps")
    await person.press("Disconnect Make")
    await person.reads("is disconnected")
    assert requests.get(f"{person.hub.url}/v1/account", headers=bearer, timeout=10).status_code == 401


async def _registered(session: AsyncSession) -> dict[str, str]:
    """The id and the secret of an app, by the names they have in a request for tokens."""
    made = await create_client(
        session, name="Make", redirect_uris=[CALLBACK], scopes=["account:read"], now=utc_now()
    )
    assert made.secret is not None
    return {"client_id": made.id, "client_secret": made.secret}
