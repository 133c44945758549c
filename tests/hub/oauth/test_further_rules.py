"""Must-rules of the standards that no other test here is named for."""

from __future__ import annotations

import base64
import re
import string

import pytest

from tests.hub.oauth.provider import challenge_of
from tests.hub.oauth.walk import Walk, sent_back

pytestmark = pytest.mark.asyncio(loop_scope="module")

URL_SAFE = set(string.ascii_letters + string.digits + "-_")


async def test_rfc6749_10_10_what_is_given_out_cannot_be_guessed(walk: Walk) -> None:
    """At least 128 random bits each, and no two alike."""
    app = await walk.provider.new_app()
    given = []
    for _ in range(3):
        code = (await walk.allowed(app))["code"]
        tokens = (await app.exchange(code)).json()
        given += [code, tokens["access_token"], tokens["refresh_token"]]
    parts = [re.sub("^sh[a-z]_", "", each) for each in given]
    assert len(set(parts)) == len(parts)
    for part in parts:
        assert set(part) <= URL_SAFE
        assert len(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) >= 16


async def test_rfc6749_6_and_rfc9700_2_3_a_refresh_gives_no_more_than_was_allowed(walk: Walk) -> None:
    app = await walk.provider.new_app()
    tokens = await walk.connected(app, scope="account:read")
    wider = await app.refresh(tokens["refresh_token"], scope="account:read speech:write")
    assert (wider.status_code, wider.json()["error"]) == (400, "invalid_scope")
    assert (await app.refresh(tokens["refresh_token"])).json()["scope"] == "account:read"


@pytest.mark.parametrize("verifier", ["v" * 42, "v" * 129, "v" * 42 + "!", "v" * 42 + "é"])
async def test_rfc7636_4_1_a_verifier_is_43_to_128_unreserved_characters(walk: Walk, verifier: str) -> None:
    """Also when it fits the challenge."""
    app = await walk.provider.new_app(public=True)
    proof = {"code_challenge": challenge_of(verifier), "code_challenge_method": "S256"}
    if not verifier.isascii():
        proof["code_challenge"] = challenge_of("v" * 43)
    code = (await walk.allowed(app, **proof))["code"]
    refused = await app.exchange(code, code_verifier=verifier)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("grant_type", ["password", "client_credentials", "implicit"])
async def test_rfc9700_2_1_2_and_2_4_ways_without_a_code_do_not_exist(walk: Walk, grant_type: str) -> None:
    app = await walk.provider.new_app()
    asked = await app.post("token", grant_type=grant_type, username="ada@example.com", password="x")
    assert (asked.status_code, asked.json()["error"]) == (400, "unsupported_grant_type")
    metadata = (await walk.provider.http.get("/.well-known/oauth-authorization-server")).json()
    assert grant_type not in metadata["grant_types_supported"]
    assert metadata["response_types_supported"] == ["code"]


async def test_rfc9700_4_12_a_form_is_never_sent_on_to_an_app(walk: Walk) -> None:
    """303, which makes a GET of it; a 307 would carry what was typed here to the app."""
    app = await walk.provider.new_app()
    await walk.ask(walk.parameters(app))
    assert sent_back(await walk.decide())["code"]
    await walk.ask(walk.parameters(app))
    assert sent_back(await walk.decide("deny"))["error"] == "access_denied"


async def test_rfc9700_4_14_2_a_stolen_refresh_token_ends_what_it_was_stolen_from(walk: Walk) -> None:
    app = await walk.provider.new_app(public=True)
    verifier = "v" * 43
    proof = {"code_challenge": challenge_of(verifier), "code_challenge_method": "S256"}
    code = (await walk.allowed(app, **proof))["code"]
    stolen = (await app.exchange(code, code_verifier=verifier)).json()["refresh_token"]
    owners = (await app.refresh(stolen)).json()
    walk.provider.clock.advance(61)
    assert (await app.refresh(stolen)).json()["error"] == "invalid_grant"
    assert (await app.refresh(owners["refresh_token"])).json()["error"] == "invalid_grant"
    assert not await app.works(owners["access_token"])


@pytest.mark.parametrize("path", ["revoke", "introspect"])
async def test_rfc7009_2_1_and_rfc7662_2_1_only_post_is_answered(walk: Walk, path: str) -> None:
    answer = await walk.provider.http.get(f"/oauth/{path}?token=x")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_rfc8414_3_3_the_issuer_is_the_address_the_document_was_found_under(walk: Walk) -> None:
    metadata = (await walk.provider.http.get("/.well-known/oauth-authorization-server")).json()
    assert metadata["issuer"] == walk.base_url
    for name, url in metadata.items():
        if name.endswith("_endpoint"):
            assert url.startswith(f"{walk.base_url}/oauth/")
