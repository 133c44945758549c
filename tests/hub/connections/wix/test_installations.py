"""Wix through the hub: connected by its owner only, and let go of when the app is taken off."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from connectors.values import Ended
from connectors.wix.simulator import SITE
from hub.connections import tokens
from hub.connections.catalogue import connector_named
from hub.connections.connecting import guarded_client
from hub.connections.ending import end_connection
from hub.connections.records import open_credentials
from hub.errors import Conflict, Forbidden, HubError, Unprocessable
from hub.store.connection_tables import ConnectionRecord, InboundEvent
from tests.hub.api.conftest import new_customer
from tests.hub.connections.wix.conftest import Site


async def test_nobody_connects_a_stranger_s_site(site: Site) -> None:
    oauth, workshop = site.simulator.oauth, site.workshop
    await workshop.call("DELETE", f"/v1/connections/{site.connection}", 204)
    other = oauth.install("another site")
    old = oauth.signed_instance(site.simulator.instance, workshop.clock() - timedelta(minutes=21))
    forged = oauth.signed_instance(site.simulator.instance)[:-4] + "AAAA"
    refused: list[tuple[dict[str, str], type[HubError]]] = [
        ({"state": "x"}, Forbidden),
        ({"signedInstance": ""}, Forbidden),
        ({"signedInstance": forged}, Forbidden),
        ({"signedInstance": "no.string"}, Forbidden),
        ({"signedInstance": old}, Forbidden),
        ({"instanceId": other}, Forbidden),
        ({"instanceId": "7"}, Forbidden),
        ({"appId": "another app"}, Forbidden),
        ({"signedInstance": oauth.signed_instance(site.simulator.instance, permissions=None)}, Forbidden),
        ({"tenantId": ""}, Forbidden),
        ({"tenantId": "another site"}, Unprocessable),
    ]
    for spoilt, error in refused:
        with pytest.raises(error):
            await site.install(**spoilt)
    assert await workshop.count(ConnectionRecord) == 0
    typed = {"connector": "wix", "credentials": {"instance_id": site.simulator.instance}}
    told = await workshop.call("POST", "/v1/connections", 422, json=typed)
    assert "on the platform itself" in told["detail"]

    # A string that only Wix can read is put to Wix: here a token of the installation.
    minted = oauth.mint(
        {
            "grant_type": "client_credentials",
            "client_id": oauth.app_id,
            "client_secret": oauth.secret,
            "instance_id": site.simulator.instance,
        }
    )
    made = await site.install(signedInstance=str(minted["access_token"]))
    assert (made.status, made.state["site_id"]) == ("live", SITE)
    stranger = await new_customer(workshop.hub, "stranger@example.com")
    with pytest.raises(Conflict):
        await site.install(stranger.account_id)
    again = await site.install()
    assert again.id == made.id
    with pytest.raises(Unprocessable):
        await site.install(tenantId="another site")
    kept = await workshop.record(made.id)
    assert (kept.status, kept.state, kept.credentials) == ("live", again.state, again.credentials)
    assert await workshop.count(ConnectionRecord) == 1


async def test_a_site_that_takes_the_app_off_and_on_again(site: Site) -> None:
    workshop, oauth = site.workshop, site.simulator.oauth
    post = site.publish("Earth")
    workshop.clock.advance(60)
    site.simulator.remove_app()
    await site.settle()
    record = await workshop.record(site.connection)
    assert (record.status, record.sentence is None) == ("broken", False)

    # Even when it is back on the site, nothing that was kept lets the account in: another may own it.
    oauth.sites[site.simulator.instance] = SITE
    assert open_credentials(workshop.hub.secrets, record) == {}
    assert record.external_id is None
    told = await workshop.call("POST", f"/v1/connections/{site.connection}/resume", 422)
    assert "Install it again" in told["detail"]
    assert oauth.minted == 1
    workshop.clock.advance(60)
    assert (await site.install()).id == site.connection
    await site.settle()
    assert (await workshop.record(site.connection)).status == "live"
    assert len(site.players(post, live=True)) == 1
    # The message comes once more, late: the app is on the site again.
    workshop.clock.instant, now = workshop.clock.instant - timedelta(seconds=90), workshop.clock.instant
    late = oauth.told(site.simulator.instance, "AppRemoved", {"appId": oauth.app_id})
    workshop.clock.instant = now
    assert await site.simulator.hooks.post(site.simulator.hooks.url, {}, late) == 200
    await workshop.settle()
    assert (await workshop.record(site.connection)).status == "live"


async def test_a_token_that_comes_late_brings_no_installation_back(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, ask = site.workshop.hub, tokens._ask
    wix, record = connector_named(hub.settings, "wix"), await site.workshop.record(site.connection)

    async def overtaken(*given: Any) -> dict[str, str]:
        found = await ask(*given)
        await end_connection(hub, wix, record, Ended("The owner took the app off the site."))
        return found

    monkeypatch.setattr(tokens, "_ask", overtaken)
    async with guarded_client(hub) as client:
        await tokens.renewed(hub, client, wix, record)
    assert open_credentials(hub.secrets, await site.workshop.record(site.connection)) == {}


async def test_tokens_are_minted_once_for_all_and_again_when_they_end(site: Site) -> None:
    oauth, workshop = site.simulator.oauth, site.workshop
    workshop.clock.advance(4 * 60 * 60)
    posts = [site.publish(title) for title in ("Earth", "Mars", "Venus")]
    await site.simulator.send_due()
    waiting = list(workshop.queue.deliveries)
    await asyncio.gather(*(workshop.errand(job) for job in waiting))
    await site.settle()
    assert oauth.minted == 2
    assert all(site.players(post, live=True) for post in posts)
    oauth.grants.clear()  # Wix takes a token back before its time
    site.publish("Pluto")
    await site.settle()
    assert (oauth.minted, len(await workshop.spoken())) == (3, 4)
    oauth.rate = 1  # and more is asked than it lets through
    site.publish("Ceres")
    await site.settle()
    async with workshop.hub.database.reading() as session:
        waits = (await session.scalars(select(InboundEvent.not_before))).all()
    assert any(waits)
    assert (await workshop.record(site.connection)).status == "live"
