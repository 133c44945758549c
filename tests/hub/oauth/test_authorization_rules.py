"""The must-rules of the authorisation endpoint, each by its number, against a web process that runs."""

from __future__ import annotations

import httpx
import pytest

from hub.oauth import edit_client
from tests.hub.oauth.provider import CALLBACK, challenge_of
from tests.hub.oauth.walk import Walk, sent_back
from tests.hub.pages.conftest import Browser

pytestmark = pytest.mark.asyncio(loop_scope="module")

VERIFIER = "v" * 43


async def test_rfc6749_3_1_unknown_parameters_are_ignored_and_empty_ones_left_out(walk: Walk) -> None:
    app = await walk.provider.new_app()
    given = await walk.allowed(app, audience="anything", scope="", state="%41 ü&=/?+")
    assert given["state"] == "%41 ü&=/?+"
    assert (await app.exchange(given["code"])).json()["scope"].startswith("speech:write")


async def test_rfc6749_3_1_a_repeated_parameter_is_refused(walk: Walk) -> None:
    app = await walk.provider.new_app()
    asked = [*walk.parameters(app).items(), ("state", "s-2")]
    assert "more than once" in await walk.refused(asked)


@pytest.mark.parametrize("response_type", ["", "token", "code token"])
async def test_rfc6749_3_1_1_another_response_type_is_refused(walk: Walk, response_type: str) -> None:
    app = await walk.provider.new_app()
    error = await walk.error_at_app(app, response_type=response_type)
    assert error == "unsupported_response_type"


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://evil.example/",
        CALLBACK.rstrip("/"),
        CALLBACK + "more",
        CALLBACK + "?a=b",
        CALLBACK + "#part",
        CALLBACK.replace("zapier.com", "zapier.com.evil.example"),
        CALLBACK.replace("zapier.com", "zapier.com:443"),
        CALLBACK.replace("zapier.com", "ada@zapier.com"),
        CALLBACK.replace("/dashboard", "/x/../dashboard"),
        CALLBACK.replace("https", "http"),
        CALLBACK.upper(),
        'https://zapier.com/"é',
        "javascript:alert(1)",
        "//zapier.com",
    ],
)
async def test_rfc6749_3_1_2_3_and_rfc9700_4_1_a_redirect_uri_is_compared_to_the_letter(
    walk: Walk, redirect_uri: str
) -> None:
    app = await walk.provider.new_app()
    await walk.refused(walk.parameters(app, redirect_uri=redirect_uri))


async def test_rfc6749_3_1_2_3_without_a_redirect_uri_the_only_one_holds_and_none_of_several(
    walk: Walk,
) -> None:
    one = await walk.provider.new_app()
    several = await walk.provider.new_app(redirect_uris=[CALLBACK, "https://www.make.com/oauth/cb/app"])
    given = await walk.allowed(one, redirect_uri="")
    exchanged = await one.post("token", grant_type="authorization_code", code=given["code"])
    assert exchanged.status_code == 200
    assert "redirect_uri" in await walk.refused(walk.parameters(several, redirect_uri=""))


async def test_rfc6749_4_1_2_1_an_unknown_client_is_told_to_the_person(walk: Walk) -> None:
    app = await walk.provider.new_app()
    for client_id in ("shc_unknown", "é"):
        assert "not known here" in await walk.refused(walk.parameters(app, client_id=client_id))
    assert await walk.refused([("response_type", "code")])
    assert "could not be read" in await walk.refused(walk.parameters(app, response_type="é"))


async def test_rfc6749_4_1_2_1_a_person_may_say_no(walk: Walk) -> None:
    app = await walk.provider.new_app()
    for decision in ("deny", "", "ALLOW"):
        await walk.ask(walk.parameters(app))
        told = sent_back(await walk.decide(decision))
        assert (told["error"], told["state"], told["iss"]) == ("access_denied", "s-1", walk.base_url)
        assert "code" not in told


@pytest.mark.parametrize("scope", ["everything", "speech:read everything", "speech:read,voices:read"])
async def test_rfc6749_3_3_an_unknown_scope_is_refused_and_none_dropped(walk: Walk, scope: str) -> None:
    assert await walk.error_at_app(await walk.provider.new_app(), scope=scope) == "invalid_scope"


async def test_rfc6749_3_3_an_app_gets_no_more_than_it_was_registered_for(walk: Walk) -> None:
    app = await walk.provider.new_app(scopes=["voices:read", "account:read"])
    assert await walk.error_at_app(app, scope="voices:read speech:write") == "invalid_scope"
    assert (await walk.connected(app))["scope"] == "voices:read account:read"


async def test_rfc6749_10_12_an_answer_that_no_page_of_ours_sent_is_refused(walk: Walk) -> None:
    app = await walk.provider.new_app()
    await walk.ask(walk.parameters(app))
    for forged in ("", "0" * 64):
        answer = await walk.decide(csrf=forged)
        assert (answer.status_code, "location" in answer.headers) == (403, False)


async def test_rfc6749_10_13_and_rfc9700_4_16_the_consent_page_cannot_be_framed_or_cached(walk: Walk) -> None:
    answer = await walk.ask(walk.parameters(await walk.provider.new_app()))
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https:;" in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_the_consent_page_says_who_asks_for_what_and_where_it_leads(walk: Walk) -> None:
    app = await walk.provider.new_app(name="Zap <b>of</b> Ada")
    await walk.ask(walk.parameters(app, scope="speech:write voices:read"))
    words = walk.person.text
    assert "Allow Zap <b>of</b> Ada?" in words
    assert "Create, cancel and delete voiceovers" in words
    assert "List saved voices" in words
    assert "Save and delete voices" not in words
    assert "ada@example.com" in words
    assert "zapier.com" in words


async def test_the_person_is_asked_every_time(walk: Walk) -> None:
    app = await walk.provider.new_app()
    await walk.connected(app, scope="voices:read")
    for scope in ("voices:read", "voices:read speech:write"):
        assert (await walk.ask(walk.parameters(app, scope=scope))).status_code == 200


async def test_a_visitor_signs_in_first_and_comes_back(walk: Walk) -> None:
    app = await walk.provider.new_app()
    query = str(walk.provider.http.build_request("GET", "/", params=walk.parameters(app)).url.query, "ascii")
    path = f"/oauth/authorize?{query}"
    first = await walk.provider.http.get(path)
    assert first.status_code == 303
    login = walk.provider.http.build_request("GET", first.headers["location"]).url
    assert (login.path, login.params["next"]) == ("/login", path)


async def test_whose_session_ended_on_the_consent_page_signs_in_again(walk: Walk) -> None:
    app = await walk.provider.new_app()
    async with httpx.AsyncClient(base_url=walk.base_url) as cookies:
        visitor = Browser(cookies)
        await visitor.open("/login")
        csrf = visitor.value("main form input[name=csrf]")
        path = str(cookies.build_request("GET", "/oauth/authorize", params=walk.parameters(app)).url)
        answer = await cookies.post(path, data={"decision": "allow", "csrf": csrf})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=/oauth/authorize%3F")


async def test_an_app_that_may_less_meanwhile_gets_nothing(walk: Walk) -> None:
    app = await walk.provider.new_app()
    await walk.ask(walk.parameters(app, scope="speech:write"))
    async with walk.provider.hub.database.transaction() as session:
        await edit_client(session, app.id, scopes=["voices:read"])
    assert sent_back(await walk.decide())["error"] == "invalid_scope"


async def test_rfc7636_4_4_1_an_app_without_a_secret_must_send_a_challenge(walk: Walk) -> None:
    public = await walk.provider.new_app(public=True)
    assert await walk.error_at_app(public) == "invalid_request"


@pytest.mark.parametrize(
    "sent",
    [
        {"code_challenge": challenge_of(VERIFIER)},
        {"code_challenge": VERIFIER, "code_challenge_method": "plain"},
        {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "s256"},
        {"code_challenge_method": "S256"},
        {"code_challenge": "short", "code_challenge_method": "S256"},
    ],
    ids=["no method", "plain", "wrong case", "no challenge", "malformed"],
)
@pytest.mark.parametrize("public", [True, False])
async def test_rfc7636_4_3_only_s256_is_taken(walk: Walk, public: bool, sent: dict[str, str]) -> None:
    app = await walk.provider.new_app(public=public)
    assert await walk.error_at_app(app, **sent) == "invalid_request"


async def test_rfc8252_7_3_an_app_on_the_persons_machine_may_listen_on_any_port(walk: Walk) -> None:
    public = await walk.provider.new_app(public=True, redirect_uris=["http://127.0.0.1/done"])
    proof = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    asked = await walk.ask(walk.parameters(public, redirect_uri="http://127.0.0.1:51004/done", **proof))
    assert asked.status_code == 200
    assert "form-action 'self' http://127.0.0.1:51004;" in asked.headers["content-security-policy"]
    for other in (
        "http://127.0.0.1:51004/other",
        "http://127.0.0.2:51004/done",
        "http://localhost:51004/done",
    ):
        await walk.refused(walk.parameters(public, redirect_uri=other, **proof))
    confidential = await walk.provider.new_app(redirect_uris=["http://127.0.0.1/done"])
    await walk.refused(walk.parameters(confidential, redirect_uri="http://127.0.0.1:51004/done"))


async def test_rfc9207_2_every_answer_names_the_issuer(walk: Walk) -> None:
    app = await walk.provider.new_app()
    assert (await walk.allowed(app))["iss"] == walk.base_url
    document = (await walk.provider.http.get("/.well-known/oauth-authorization-server")).json()
    assert document["issuer"] == walk.base_url
    assert document["authorization_response_iss_parameter_supported"] is True
