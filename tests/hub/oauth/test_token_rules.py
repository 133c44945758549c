"""The must-rules of the endpoints that apps call, each by its number, against a web process that runs."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from authlib.oauth2 import rfc8414, rfc9207

from hub.oauth.endpoints import FAILURES_PER_MINUTE
from tests.hub.oauth.provider import CALLBACK, App, challenge_of
from tests.hub.oauth.walk import Walk

pytestmark = pytest.mark.asyncio(loop_scope="module")

VERIFIER = "v" * 43
PROOF = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}


def basic(client_id: str, secret: str | None) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


async def raw(
    walk: Walk, path: str, data: dict[str, Any], headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    answer = await walk.provider.http.post(f"/oauth/{path}", data=data, headers=headers)
    return answer.status_code, answer.json()


async def error(app: App, path: str, **fields: str) -> tuple[int, str]:
    answer = await app.post(path, **fields)
    return answer.status_code, answer.json()["error"]


async def test_rfc6749_2_3_1_basic_and_body_are_both_taken(walk: Walk) -> None:
    app = await walk.provider.new_app()
    tokens = await walk.connected(app)
    asked = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    for client_id in ({}, {"client_id": app.id}):
        status, _ = await raw(walk, "token", {**asked, **client_id}, basic(app.id, app.made.secret))
        assert status == 200
    assert (await app.refresh(tokens["refresh_token"])).status_code == 200


async def test_rfc6749_2_3_1_credentials_in_the_address_do_not_count(walk: Walk) -> None:
    app = await walk.provider.new_app()
    token = (await walk.connected(app))["refresh_token"]
    answer = await walk.provider.http.post(
        "/oauth/token", params=app.credentials, data={"grant_type": "refresh_token", "refresh_token": token}
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_rfc6749_2_3_a_client_proves_itself_in_one_way(walk: Walk) -> None:
    app, other = await walk.provider.new_app(), await walk.provider.new_app()
    asked = {"grant_type": "refresh_token", "refresh_token": "x"}
    both = await raw(walk, "token", {**asked, **app.credentials}, basic(app.id, app.made.secret))
    assert (both[0], both[1]["error"]) == (400, "invalid_request")
    mixed = await raw(walk, "token", {**asked, "client_id": other.id}, basic(app.id, app.made.secret))
    assert (mixed[0], mixed[1]["error"]) == (401, "invalid_client")


async def test_rfc6749_3_2_1_a_client_with_a_secret_must_use_it(walk: Walk) -> None:
    app = await walk.provider.new_app()
    code = (await walk.allowed(app, **PROOF))["code"]
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    for fields in ({"client_id": app.id, "code_verifier": VERIFIER}, {"code_verifier": VERIFIER}):
        status, body = await raw(walk, "token", {**asked, **fields})
        assert (status, body["error"]) == (401, "invalid_client")
    assert (await app.exchange(code, code_verifier=VERIFIER)).status_code == 200


@pytest.mark.parametrize("header", ["Basic", "Basic %%%", "Basic /////w==", "Basic w6k6w6k=", "Basic Og=="])
async def test_rfc6749_5_2_a_failed_client_gets_401_with_the_scheme(walk: Walk, header: str) -> None:
    app = await walk.provider.new_app()
    asked = {"grant_type": "refresh_token", "refresh_token": "x"}
    for headers in (basic(app.id, "wrong"), basic("shc_unknown", "x")):
        answer = await walk.provider.http.post("/oauth/token", data=asked, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic")
    hostile = await walk.provider.http.post("/oauth/token", data=asked, headers={"Authorization": header})
    assert hostile.status_code in (400, 401)
    assert hostile.json()["error"] in ("invalid_client", "invalid_request")


async def test_rfc6749_3_2_the_token_endpoint_answers_post_alone(walk: Walk) -> None:
    for path in ("token", "revoke", "introspect"):
        answer = await walk.provider.http.get(f"/oauth/{path}")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_rfc6749_3_2_repeated_and_empty_parameters(walk: Walk) -> None:
    app = await walk.provider.new_app()
    token = (await walk.connected(app))["refresh_token"]
    twice = await raw(walk, "token", {**app.credentials, "grant_type": ["refresh_token"] * 2})
    assert (twice[0], twice[1]["error"]) == (400, "invalid_request")
    assert await error(app, "token", grant_type="") == (400, "invalid_request")
    assert (await app.refresh(token, scope="", unheard_of="x")).status_code == 200


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "wrong"}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "wrong"}, "invalid_grant"),
    ],
)
async def test_rfc6749_5_2_errors_are_json_with_400(walk: Walk, fields: dict[str, Any], code: str) -> None:
    app = await walk.provider.new_app()
    status, body = await raw(walk, "token", {**app.credentials, **fields})
    assert (status, body["error"]) == (400, code)


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("text/plain", b"grant_type=refresh_token"),
        ("application/json", b"[]"),
        ("application/json", b'{"grant_type": 1}'),
        ("application/json", b"{" * 9),
        ("application/x-www-form-urlencoded", b"a=" + b"x" * 70_000),
        ("application/x-www-form-urlencoded", b"a=1&" * 60),
        ("application/x-www-form-urlencoded", b"grant_type=authorization_code&code=%ff"),
    ],
)
async def test_rfc6749_5_2_a_body_that_cannot_be_read(walk: Walk, media_type: str, content: bytes) -> None:
    answer = await walk.provider.http.post(
        "/oauth/token", content=content, headers={"Content-Type": media_type}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_json_is_understood_too(walk: Walk) -> None:
    app = await walk.provider.new_app()
    token = (await walk.connected(app))["refresh_token"]
    asked = {**app.credentials, "grant_type": "refresh_token", "refresh_token": token}
    assert (await walk.provider.http.post("/oauth/token", json=asked)).status_code == 200


async def test_rfc6749_4_1_3_a_code_is_bound_to_its_redirect_uri(walk: Walk) -> None:
    app = await walk.provider.new_app(redirect_uris=[CALLBACK, "https://www.make.com/oauth/cb/app"])
    code = (await walk.allowed(app))["code"]
    for uri in ("https://www.make.com/oauth/cb/app", ""):
        assert (await app.exchange(code, redirect_uri=uri)).json()["error"] == "invalid_grant"
    assert (await app.exchange(code)).status_code == 200


async def test_rfc6749_4_1_2_a_code_used_twice_takes_its_tokens_along(walk: Walk) -> None:
    app = await walk.provider.new_app()
    code = (await walk.allowed(app))["code"]
    tokens = (await app.exchange(code)).json()
    assert await app.works(tokens["access_token"])
    assert (await app.exchange(code)).json()["error"] == "invalid_grant"
    assert not await app.works(tokens["access_token"])
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_rfc6749_5_1_tokens_are_json_that_nobody_stores(walk: Walk) -> None:
    app = await walk.provider.new_app()
    answer = await app.exchange((await walk.allowed(app))["code"])
    assert answer.headers["content-type"] == "application/json"
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    assert answer.json()["token_type"] == "Bearer"
    assert answer.json()["expires_in"] == 3600


async def test_rfc6749_6_a_refresh_token_is_bound_to_its_client(walk: Walk) -> None:
    app, other = await walk.provider.new_app(), await walk.provider.new_app()
    tokens = await walk.connected(app)
    assert (await other.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await app.refresh(tokens["access_token"])).json()["error"] == "invalid_grant"
    wider = await app.refresh(tokens["refresh_token"], scope="everything")
    assert wider.json()["error"] == "invalid_scope"
    assert (await app.refresh(tokens["refresh_token"])).status_code == 200


async def test_rfc6750_3_the_api_says_what_is_wrong_with_a_token(walk: Walk) -> None:
    app = await walk.provider.new_app(scopes=["voices:read"])
    token = (await walk.connected(app))["access_token"]
    nothing = await walk.provider.http.get("/v1/voices")
    assert nothing.status_code == 401
    assert nothing.headers["www-authenticate"] == 'Bearer realm="sayhook"'
    wrong = await app.call("sha_wrong", "/v1/voices")
    assert wrong.status_code == 401
    assert wrong.headers["www-authenticate"].startswith('Bearer error="invalid_token"')
    narrow = await app.call(token)
    assert narrow.status_code == 403
    assert 'error="insufficient_scope", scope="account:read"' in narrow.headers["www-authenticate"]
    assert (await app.call(token, "/v1/voices")).status_code == 200
    in_address = await walk.provider.http.get("/v1/voices", params={"access_token": token})
    assert in_address.status_code == 401


async def test_rfc7636_4_6_the_verifier_must_fit_the_challenge(walk: Walk) -> None:
    for public in (True, False):
        app = await walk.provider.new_app(public=public)
        code = (await walk.allowed(app, **PROOF))["code"]
        assert (await app.exchange(code, code_verifier="w" * 43)).json()["error"] == "invalid_grant"
        assert (await app.exchange(code)).json()["error"] == "invalid_request"
        assert (await app.exchange(code, code_verifier="short")).json()["error"] == "invalid_request"
        assert (await app.exchange(code, code_verifier=VERIFIER)).status_code == 200


async def test_rfc9700_2_1_1_a_verifier_without_a_challenge_is_refused(walk: Walk) -> None:
    app = await walk.provider.new_app()
    code = (await walk.allowed(app))["code"]
    assert (await app.exchange(code, code_verifier=VERIFIER)).json()["error"] == "invalid_request"
    assert (await app.exchange(code)).status_code == 200


async def test_rfc9700_2_2_2_a_public_app_refreshes_by_rotation(walk: Walk) -> None:
    app = await walk.provider.new_app(public=True)
    code = (await walk.allowed(app, **PROOF))["code"]
    first = (await app.exchange(code, code_verifier=VERIFIER)).json()
    second = (await app.refresh(first["refresh_token"])).json()
    walk.provider.clock.advance(61)
    assert (await app.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await app.refresh(second["refresh_token"])).json()["error"] == "invalid_grant"
    assert not await app.works(second["access_token"])


async def test_rfc7009_2_1_revoking_takes_the_apps_own_tokens_alone(walk: Walk) -> None:
    app, other = await walk.provider.new_app(), await walk.provider.new_app()
    tokens = await walk.connected(app)
    assert await error(other, "revoke", token=tokens["refresh_token"]) == (400, "invalid_grant")
    status, body = await raw(walk, "revoke", {"token": tokens["refresh_token"], "client_id": app.id})
    assert (status, body["error"]) == (401, "invalid_client")
    assert await error(app, "revoke") == (400, "invalid_request")
    assert await app.works(tokens["access_token"])


async def test_rfc7009_2_2_an_unknown_token_and_a_wrong_hint_are_no_errors(walk: Walk) -> None:
    app = await walk.provider.new_app()
    tokens = await walk.connected(app)
    assert (await app.post("revoke", token="unknown")).status_code == 200
    for hint in ("access_token", "unheard_of"):
        answer = await app.post("revoke", token=tokens["refresh_token"], token_type_hint=hint)
        assert answer.status_code == 200
    assert not await app.works(tokens["access_token"])


async def test_rfc7009_2_a_public_app_revokes_its_own(walk: Walk) -> None:
    app = await walk.provider.new_app(public=True)
    code = (await walk.allowed(app, **PROOF))["code"]
    tokens = (await app.exchange(code, code_verifier=VERIFIER)).json()
    assert (await app.post("revoke", token=tokens["access_token"])).status_code == 200
    assert not await app.works(tokens["access_token"])


async def test_rfc7662_2_1_introspection_asks_for_the_secret(walk: Walk) -> None:
    app, public = await walk.provider.new_app(), await walk.provider.new_app(public=True)
    assert (await raw(walk, "introspect", {"token": "x"}))[0] == 401
    assert await error(public, "introspect", token="x") == (401, "invalid_client")
    assert await error(app, "introspect") == (400, "invalid_request")


async def test_rfc7662_2_2_live_tokens_are_described_and_all_others_only_inactive(walk: Walk) -> None:
    app, other = await walk.provider.new_app(), await walk.provider.new_app()
    tokens = await walk.connected(app, scope="voices:read")
    seen = (await app.post("introspect", token=tokens["access_token"])).json()
    assert seen.pop("sub")
    assert seen == {
        "active": True,
        "client_id": app.id,
        "scope": "voices:read",
        "token_type": "Bearer",
        "iat": int(walk.provider.clock().timestamp()),
        "exp": int(walk.provider.clock().timestamp()) + 3600,
        "iss": walk.base_url,
    }
    assert (await app.post("introspect", token=tokens["refresh_token"])).json()["active"]
    inactive = {"active": False}
    assert (await app.post("introspect", token="unknown")).json() == inactive
    assert (await other.post("introspect", token=tokens["access_token"])).json() == inactive
    walk.provider.clock.advance(3600)
    assert (await app.post("introspect", token=tokens["access_token"])).json() == inactive
    await app.post("revoke", token=tokens["refresh_token"])
    assert (await app.post("introspect", token=tokens["refresh_token"])).json() == inactive


async def test_rfc8414_3_the_metadata_document(walk: Walk) -> None:
    answer = await walk.provider.http.get("/.well-known/oauth-authorization-server")
    assert answer.headers["content-type"] == "application/json"
    document = rfc8414.AuthorizationServerMetadata(answer.json())
    document.validate(metadata_classes=[rfc9207.AuthorizationServerMetadata])
    assert document["issuer"] == walk.base_url
    assert document["code_challenge_methods_supported"] == ["S256"]
    for name in ("authorization", "token", "revocation", "introspection"):
        address = str(document[f"{name}_endpoint"])
        assert address.startswith(walk.base_url + "/")
        assert (await walk.provider.http.get(address.removeprefix(walk.base_url))).status_code != 404


async def test_guessing_is_slowed_down_and_harms_nobody_who_knows(walk: Walk) -> None:
    app = await walk.provider.new_app()
    tokens = await walk.connected(app)
    assert (await app.refresh("guess")).status_code == 400
    for _ in range(FAILURES_PER_MINUTE - 1):
        await walk.provider.app.state.rates.hit("oauth-failures:127.0.0.1", FAILURES_PER_MINUTE)
    slowed = await app.refresh("guess")
    assert (slowed.status_code, slowed.json()["error"]) == (429, "temporarily_unavailable")
    assert 1 <= int(slowed.headers["retry-after"]) <= 60
    assert (await app.refresh(tokens["refresh_token"])).status_code == 200
