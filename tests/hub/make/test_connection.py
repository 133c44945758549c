"""The app's connections: every leg of OAuth, tokens that end, and people who say no."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from connectors.make.errors import MakeError
from connectors.make.platform import REDIRECT_URI
from connectors.make.runner import World
from tests.hub.api.recordings import wav
from tests.hub.make.conftest import KEY, OAUTH, SCOPES, Maker


async def test_a_person_connects_and_tokens_are_renewed_before_they_end(maker: Maker) -> None:
    returned = await maker.consented(state="a.b~c")
    assert returned.startswith(f"{REDIRECT_URI}?")
    assert parse_qs(urlsplit(returned).query)["state"] == ["a.b~c"]
    connection = await maker.platform.authorized(OAUTH, SCOPES, returned)
    assert connection.metadata == {"type": "email", "value": "owner@example.com"}
    assert connection.uid == maker.workshop.customer.account_id
    first = dict(connection.data)
    assert first["expires"] - maker.workshop.hub.now() > timedelta(minutes=55)
    await maker.platform.run("getCreditBalance", connection)
    assert connection.data == first, "nothing to renew yet"
    maker.workshop.clock.advance(46 * 60)
    await maker.platform.run("getCreditBalance", connection)
    assert connection.data["accessToken"] != first["accessToken"]
    assert connection.data["refreshToken"] != first["refreshToken"]
    assert connection.data["expires"] > first["expires"]


async def test_a_code_works_once_and_a_refusal_is_told(maker: Maker) -> None:
    returned = await maker.consented()
    await maker.platform.authorized(OAUTH, SCOPES, returned)
    with pytest.raises(MakeError) as used:
        await maker.platform.authorized(OAUTH, SCOPES, returned)
    assert (used.value.status, used.value.kind) == (400, "InvalidAccessTokenError")
    with pytest.raises(MakeError, match="RuntimeError"):
        await maker.platform.authorized(OAUTH, SCOPES, await maker.consented(allow=False))


async def test_an_ended_connection_has_to_be_made_again(maker: Maker) -> None:
    connection = await maker.connected()
    await maker.platform.invalidated(connection)
    with pytest.raises(MakeError) as ended:
        await maker.platform.run("getCreditBalance", connection)
    assert (ended.value.status, ended.value.kind) == (401, "InvalidAccessTokenError")
    connection.data["expires"] = maker.workshop.hub.now()
    with pytest.raises(MakeError, match="Reconnect to Sayhook") as lost:
        await maker.platform.run("getCreditBalance", connection)
    assert (lost.value.status, lost.value.kind) == (400, "InvalidAccessTokenError")


async def test_a_token_that_ended_unnoticed_is_refused(maker: Maker) -> None:
    connection = await maker.connected()
    maker.workshop.clock.advance(2 * 3600)
    connection.data["expires"] = maker.workshop.hub.now() + timedelta(days=1)
    with pytest.raises(MakeError) as refused:
        await maker.platform.run("getCreditBalance", connection)
    assert (refused.value.status, refused.value.kind) == (401, "InvalidAccessTokenError")


async def test_wrong_credentials_are_seen_when_connecting(maker: Maker) -> None:
    returned = await maker.consented()
    wrong = replace(maker.platform, common={**maker.platform.common, "clientSecret": "shs_wrong"})
    with pytest.raises(MakeError, match="client ID and secret") as refused:
        await wrong.authorized(OAUTH, SCOPES, returned)
    assert (refused.value.status, refused.value.kind) == (401, "InvalidConfigurationError")
    with pytest.raises(MakeError) as unknown:
        await maker.platform.keyed(KEY, apiKey="shk_unknown")
    assert (unknown.value.status, unknown.value.kind) == (401, "InvalidAccessTokenError")
    with pytest.raises(MakeError, match="Missing value"):
        await maker.platform.keyed(KEY)


async def test_a_hub_that_is_away_is_tried_again(maker: Maker) -> None:
    connection = await maker.platform.keyed(KEY, apiKey=maker.workshop.customer.key)

    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(away)) as client:
        alone = replace(maker.platform, world=World(client, maker.platform.world.clock))
        with pytest.raises(MakeError) as missing:
            await alone.run("getCreditBalance", connection)
    assert missing.value.kind == "ConnectionError"


async def test_what_a_module_asks_for_is_what_it_needs(maker: Maker) -> None:
    """Make asks people for the scopes of the modules they use, and no others."""
    app, workshop = maker.platform.app, maker.workshop
    default = app.component("connection", OAUTH).code("defaultScope")
    made = await workshop.call("POST", "/v1/voiceovers", 202, json={"text": "Here."})
    await workshop.settle()
    given: dict[str, dict[str, Any]] = {
        "createVoiceover": {"text": "Hi."},
        "cloneVoiceAndSpeak": {"text": "Hi.", "fileName": "me.wav", "data": wav()},
        "createLongVoiceover": {"text": "Hi."},
        "getVoiceover": {"voiceoverId": made["id"]},
        "downloadVoiceover": {"voiceoverId": made["id"]},
        "makeApiCall": {"url": "/v1/connections"},
    }
    for name, module in app.components["module"].items():
        connection = await maker.connected({*default, *module.code("scope")})
        if name == "watchVoiceovers":
            url = maker.simulator.opened()
            await maker.platform.attached("voiceoverEvents", connection, url)
        else:
            await maker.platform.run(name, connection, **given.get(name, {}))
        if "rpc://listVoices" in str(module.codes):
            await maker.platform.options("listVoices", connection)
    narrow = await maker.connected(default)
    with pytest.raises(MakeError, match="voices:read") as refused:
        await maker.platform.run("listVoices", narrow)
    assert (refused.value.status, refused.value.kind) == (403, "RuntimeError")
