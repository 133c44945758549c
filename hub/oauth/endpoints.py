"""The addresses that apps call: token, revocation, introspection and metadata (RFC 8414)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from hub.accounts.scopes import SCOPES
from hub.api.call import Call
from hub.api.endpoint import Answer as Described
from hub.api.endpoint import Endpoint
from hub.api.peer import peer_of
from hub.api.rates import RateWindows
from hub.oauth.authorization import NEEDS_HTTPS
from hub.oauth.credentials import digest
from hub.oauth.requests import Parameters, ReadRequest, read_form
from hub.oauth.server import Answer, Server
from hub.store.oauth_tables import OauthCode, OauthToken

FAILURES_PER_MINUTE = 60
"""Failed attempts from one address; beyond it they get 429. Right ones from that address go on working."""

Decision = Callable[[Server, ReadRequest], object]

_NEVER_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}


async def token(call: Call) -> Response:
    """`POST /oauth/token`"""
    return await _decided(call, _token)


async def revoke(call: Call) -> Response:
    """`POST /oauth/revoke`"""
    return await _decided(call, partial(_at_endpoint, "revocation"))


async def introspect(call: Call) -> Response:
    """`POST /oauth/introspect`"""
    return await _decided(call, partial(_at_endpoint, "introspection"))


async def metadata(call: Call) -> Response:
    """`GET /.well-known/oauth-authorization-server`"""
    here = call.base_url
    secret_methods = ["client_secret_basic", "client_secret_post"]
    document = {
        "issuer": here,
        "authorization_endpoint": f"{here}/oauth/authorize",
        "token_endpoint": f"{here}/oauth/token",
        "revocation_endpoint": f"{here}/oauth/revoke",
        "introspection_endpoint": f"{here}/oauth/introspect",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": [*secret_methods, "none"],
        "revocation_endpoint_auth_methods_supported": [*secret_methods, "none"],
        "introspection_endpoint_auth_methods_supported": secret_methods,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }
    # Without a configured address the document repeats the Host it was asked under: no cache may keep that.
    cache = "public, max-age=3600" if call.hub.settings.public_url else "no-store"
    return JSONResponse(document, headers={"Cache-Control": cache, "Access-Control-Allow-Origin": "*"})


def _token(server: Server, request: ReadRequest) -> object:
    if "grant_type" not in request.form:
        raise InvalidRequestError("Missing 'grant_type' in request.")
    return server.create_token_response(request)


def _at_endpoint(name: str, server: Server, request: ReadRequest) -> object:
    return server.create_endpoint_response(name, request)  # type: ignore[no-untyped-call]  # open in the stubs


async def _decided(call: Call, decide: Decision) -> Response:
    """Authlib's answer to a POST, in one transaction that is committed for errors too."""
    arrived = call.hub.now()
    try:
        form = Parameters(await read_form(call.request))
        request = ReadRequest("POST", call.base_url + call.request.url.path, call.request.headers, form)
        request.refuse_repeats()
        answer = await _in_transaction(call, decide, request, arrived)
    except (OAuth2Error, ValueError) as error:
        answer = _refusal(error)
    if answer.status >= 400 and (waiting := await _too_many_failures(call)):
        return waiting
    return JSONResponse(answer.body, answer.status, {**_NEVER_STORED, **answer.headers})


async def _in_transaction(call: Call, decide: Decision, request: ReadRequest, arrived: datetime) -> Answer:
    """Guesses are judged without a write transaction, of which SQLite has one at a time for everybody."""

    def work(session: Session) -> Answer:
        answer = decide(Server(session, call.base_url, call.hub.now, arrived=arrived), request)
        assert isinstance(answer, Answer)
        return answer

    def judge(session: Session) -> Answer | None:
        return None if _is_issued(session, request.form) else work(session)

    async with call.hub.database.reading() as session:
        judged = await session.run_sync(judge)
    if judged is not None:
        return judged
    async with call.hub.database.transaction() as session:
        return await session.run_sync(work)


def _is_issued(session: Session, form: Mapping[str, str]) -> bool:
    """Whether a code or token of ours came, live or not; without one there is nothing to write."""
    code = form.get("code")
    if code is not None and session.get(OauthCode, digest(code)) is not None:
        return True
    brought = [form[name] for name in ("refresh_token", "token") if name in form]
    return any(session.get(OauthToken, digest(secret)) is not None for secret in brought)


def _refusal(error: OAuth2Error | ValueError) -> Answer:
    if not isinstance(error, OAuth2Error):  # what Authlib raises over bytes no client should send
        error = InvalidRequestError("The request could not be read.")
    if error.error == "insecure_transport":
        error = InvalidRequestError(NEEDS_HTTPS)
    status, body, headers = error()
    return Answer(status, body, dict(headers))


async def _too_many_failures(call: Call) -> Response | None:
    rates: RateWindows = call.request.app.state.rates
    allowance = await rates.hit(f"oauth-failures:{peer_of(call.request)}", FAILURES_PER_MINUTE)
    if allowance.allowed:
        return None
    body = {
        "error": "temporarily_unavailable",
        "error_description": f"Too many failed attempts. Try again in {allowance.reset} s.",
    }
    return JSONResponse(body, 429, {**_NEVER_STORED, "Retry-After": str(allowance.reset)})


def _post(path: str, handler: Any) -> Endpoint:
    answers = {200: Described("Decided.")}
    return Endpoint("POST", path, handler, handler.__doc__, "", "OAuth", answers, public=False)


ENDPOINTS: tuple[Endpoint, ...] = (
    _post("/oauth/token", token),
    _post("/oauth/revoke", revoke),
    _post("/oauth/introspect", introspect),
    Endpoint(
        "GET",
        "/.well-known/oauth-authorization-server",
        metadata,
        "Where the OAuth endpoints are",
        "",
        "OAuth",
        {200: Described("The document.")},
        public=False,
    ),
)
