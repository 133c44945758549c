"""The client libraries people use, unchanged, against a web process that runs."""

from __future__ import annotations

import asyncio
import warnings
from typing import Any

import pytest
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from tests.hub.oauth.provider import CALLBACK, App
from tests.hub.oauth.walk import Walk

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Authlib would rather have httpx's successor
    from authlib.integrations.httpx_client import AsyncOAuth2Client

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCOPE = "account:read voices:read"


async def came_back(walk: Walk, url: str) -> str:
    """The address the library is handed after the person allowed what its `url` asks."""
    walk.person.answer = await walk.person.client.get(url, follow_redirects=False)
    return (await walk.decide()).headers["location"]


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
async def test_authlib(walk: Walk, method: str) -> None:
    app = await walk.provider.new_app(public=method == "none")
    saved: list[dict[str, Any]] = []

    async def save(token: dict[str, Any], **_: str | None) -> None:
        saved.append(token)

    client = AsyncOAuth2Client(
        app.id,
        app.made.secret,
        token_endpoint_auth_method=method,
        scope=SCOPE,
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        token_endpoint=f"{walk.base_url}/oauth/token",
        update_token=save,
    )
    async with client:
        verifier = "v" * 64
        url, state = client.create_authorization_url(
            f"{walk.base_url}/oauth/authorize", code_verifier=verifier
        )
        back = await came_back(walk, url)
        token = await client.fetch_token(authorization_response=back, state=state, code_verifier=verifier)
        assert token["scope"] == SCOPE
        client.token["expires_at"] = 1
        answers = await asyncio.gather(*(client.get(f"{walk.base_url}/v1/account") for _ in range(4)))
        assert [answer.status_code for answer in answers] == [200] * 4
        assert len(saved) == 1
        assert saved[0]["refresh_token"] != token["refresh_token"]
        if method != "none":
            told = await client.introspect_token(
                f"{walk.base_url}/oauth/introspect", token=saved[0]["access_token"]
            )
            assert told.json()["active"] is True
        await client.revoke_token(  # type: ignore[no-untyped-call]  # the stubs leave it open
            f"{walk.base_url}/oauth/revoke", token=saved[0]["refresh_token"]
        )
        assert not await app.works(saved[0]["access_token"])


@pytest.mark.parametrize("kind", ["body", "basic", "public"])
async def test_requests_oauthlib(walk: Walk, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    app = await walk.provider.new_app(public=kind == "public")
    session = OAuth2Session(app.id, redirect_uri=CALLBACK, scope=SCOPE.split(), pkce="S256")
    url, _ = session.authorization_url(f"{walk.base_url}/oauth/authorize")
    back = await came_back(walk, url)
    await asyncio.to_thread(_walk_with, session, walk.base_url, back, app, kind)


def _walk_with(session: OAuth2Session, base_url: str, back: str, app: App, kind: str) -> None:
    """What the library does by itself blocks, so it has a thread."""
    endpoint = f"{base_url}/oauth/token"
    assert app.made.secret is not None or kind == "public"
    proof: dict[str, Any] = {"include_client_id": True}
    if kind == "body":
        proof["client_secret"] = app.made.secret
    if kind == "basic":
        proof = {"auth": HTTPBasicAuth(app.id, app.made.secret or "")}
    token = session.fetch_token(endpoint, authorization_response=back, **proof)
    assert token["expires_in"] == 3600
    assert session.get(f"{base_url}/v1/account").status_code == 200
    given: dict[str, Any] = dict(app.credentials) if kind != "basic" else {}
    again = session.refresh_token(endpoint, auth=proof.get("auth"), **given)
    assert again["refresh_token"] != token["refresh_token"]
    assert session.get(f"{base_url}/v1/account").status_code == 200
