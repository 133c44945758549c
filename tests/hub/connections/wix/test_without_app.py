"""Wix without an app: between two automations, and with an owner's key."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse

from connectors.wix.simulator import SITE
from hub.accounts import create_key
from hub.connections import sweeping
from hub.store.connection_tables import InboundEvent
from tests.hub.api.serving import serving
from tests.hub.connections.conftest import Workshop
from tests.hub.connections.wix.conftest import Site
from webhooks.inbound.secret_url import HEADER


async def test_an_automation_without_an_app_sends_to_an_address_only_it_knows(workshop: Workshop) -> None:
    """And another automation starts with the audio."""
    started: list[dict[str, Any]] = []

    async def wix(scope: Any, receive: Any, send: Any) -> None:
        started.append(await Request(scope, receive).json())
        await JSONResponse({})(scope, receive, send)

    async with serving(wix) as url:  # type: ignore[arg-type]  # any ASGI app
        form = {"connector": "wix_automations", "address": f"{url}/report/1"}
        made = await workshop.call("POST", "/v1/connections", 201, json=form)
        path = urlsplit(made["hook_url"]).path
        assert len(path.rpartition("/")[2]) == 48
        sent = {"data": {"text": "Thank you, Ada.", "id": "7", "secret": "of the owner's"}}
        for _ in range(2):
            assert (await workshop.client.post(path, json=sent)).status_code == 200
        for form_sent in ({"text": "By a form: Ä & €."}, {"secret": "x", "text": "By a form: Ä & €."}):
            assert (await workshop.client.post(path, data=form_sent)).status_code == 200
        wrong = [path[:-1] + "x", path.rpartition("/")[0], path.rpartition("/")[0] + "/0"]
        header = {HEADER: path.rpartition("/")[2]}
        for where in wrong:
            refused = await workshop.client.post(where, json=sent, headers=header)
            assert refused.status_code == 401
        await workshop.settle()
    assert await workshop.spoken() == ["Thank you, Ada.", "By a form: Ä & €."]
    ((audio, said), _) = [(one["audio_url"], (one["id"], one["title"])) for one in started]
    assert said == ("7", "")
    assert (await workshop.client.get(audio)).status_code == 200
    async with workshop.hub.database.reading() as session:
        kept = (await session.scalars(select(InboundEvent))).all()
    assert all(path.rpartition("/")[2] not in str(event.headers) for event in kept)
    await workshop.call("POST", f"/v1/connections/{made['id']}/rotate-secret")
    shown = await workshop.call("GET", f"/v1/connections/{made['id']}")
    assert urlsplit(shown["hook_url"]).path != path
    async with workshop.hub.database.transaction() as session:
        reader = await create_key(
            session,
            account_id=workshop.customer.account_id,
            name="reader",
            now=workshop.clock(),
            scopes=["connections:read"],
        )
    headers = {"Authorization": f"Bearer {reader.secret}"}
    for path in ("/v1/connections", f"/v1/connections/{made['id']}"):
        read = (await workshop.client.get(path, headers=headers)).text
        assert shown["id"] in read
        assert urlsplit(shown["hook_url"]).path not in read


async def test_an_owner_s_key_finds_posts_within_the_hour(site: Site) -> None:
    """And at once, when an automation names one."""
    workshop, simulator = site.workshop, site.simulator
    simulator.hooks.url = ""
    key = simulator.oauth.mint(
        {
            "grant_type": "client_credentials",
            "client_id": simulator.oauth.app_id,
            "client_secret": simulator.oauth.secret,
            "instance_id": simulator.instance,
        }
    )["access_token"]
    form = {"connector": "wix_key", "credentials": {"api_key": key, "site_id": SITE}}
    made = await workshop.call("POST", "/v1/connections", 201, json=form)
    missed = site.publish("Earth")
    named = site.publish("Mars")
    path = urlsplit(made["hook_url"]).path
    assert (await workshop.client.post(path, json={"data": {"post_id": named}})).status_code == 200
    await site.settle()
    assert await workshop.spoken() == ["Mars. Now."]
    workshop.clock.advance(3700)
    await sweeping.sweep(workshop.hub)
    await site.settle()
    assert await workshop.spoken() == ["Mars. Now.", "Earth. Now."]
    assert all(site.players(post, live=True) for post in (missed, named))
    refused = {**form, "credentials": {"api_key": "no key", "site_id": SITE}}
    told = await workshop.call("POST", "/v1/connections", 422, json=refused)
    assert "answered 401" in told["detail"]
