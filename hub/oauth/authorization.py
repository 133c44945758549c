"""The authorisation request (RFC 6749 section 4.1.1): what an app asks a person for, and the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from sqlalchemy.orm import Session

from hub.errors import BadRequest
from hub.hub import Hub
from hub.oauth.code_grant import CodeGrant
from hub.oauth.records import RegisteredClient
from hub.oauth.requests import Parameters, ReadRequest
from hub.oauth.server import Answer, Server

T = TypeVar("T")
PATH = "/oauth/authorize"
NEEDS_HTTPS = (
    "OAuth needs https. Put this hub behind it and set SAYHOOK_PUBLIC_URL to its address. Plain http is for "
    "127.0.0.1 and localhost only."
)
_UNREADABLE = "The request of the app could not be read."
_REASONS = {
    "invalid_client": "The app is not known here. It may have been removed.",
    "insecure_transport": NEEDS_HTTPS,
}


class UntrustedRequest(BadRequest):
    """The request names no app and place we know: the person is told, and sent nowhere."""

    code = "untrusted_request"


@dataclass(frozen=True, slots=True)
class Asked:
    """A valid request, for a person to answer."""

    client_id: str
    app: str
    scopes: tuple[str, ...]
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where the browser goes on to, with the code or the error for the app."""

    location: str


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """The parameters of one request to the hub at `issuer`."""

    hub: Hub
    issuer: str
    parameters: tuple[tuple[str, str], ...]

    async def asked(self) -> Asked | Redirect:
        """What is asked, or the refusal that the app is sent. Raises UntrustedRequest."""
        async with self.hub.database.reading() as session:
            return await session.run_sync(self._with_server(_asked))

    async def answered(self, account_id: str, *, allow: bool) -> Redirect:
        """The person's answer, on its way to the app. Raises UntrustedRequest."""

        def decide(server: Server, request: ReadRequest) -> Redirect:
            asked = _consent(server, request)
            if isinstance(asked, Redirect):
                return asked
            user = account_id if allow else None
            answer = server.create_authorization_response(request, grant_user=user, grant=asked)
            return _redirect(server, answer)

        async with self.hub.database.transaction() as session:
            return await session.run_sync(self._with_server(decide))

    def _with_server(self, work: Callable[[Server, ReadRequest], T]) -> Callable[[Session], T]:
        def run(session: Session) -> T:
            try:
                request = ReadRequest("GET", self.issuer + PATH, {}, Parameters(self.parameters))
                request.refuse_repeats()
                return work(Server(session, self.issuer, self.hub.now), request)
            except OAuth2Error as error:
                reason = _REASONS.get(str(error.error), error.description or _UNREADABLE)
                raise UntrustedRequest(str(reason)) from error
            except ValueError as error:  # what Authlib raises over characters that no address has
                raise UntrustedRequest(_UNREADABLE) from error

        return run


def authorization_request(hub: Hub, issuer: str, query: Iterable[tuple[str, str]]) -> AuthorizationRequest:
    return AuthorizationRequest(hub, issuer, tuple(query))


def _asked(server: Server, request: ReadRequest) -> Asked | Redirect:
    grant = _consent(server, request)
    if isinstance(grant, Redirect):
        return grant
    client = grant.request.client
    assert isinstance(client, RegisteredClient)
    assert grant.redirect_uri is not None
    scopes = tuple(grant.request.scope.split())
    return Asked(client.client_id, client.row.name, scopes, grant.redirect_uri)


def _consent(server: Server, request: ReadRequest) -> CodeGrant | Redirect:
    """The checked request. Its errors go to the app only when the app and its address are known."""
    try:
        grant = server.get_consent_grant(request)  # type: ignore[no-untyped-call]  # the stubs leave it open
    except OAuth2Error as error:
        if not error.redirect_uri:
            raise
        return _redirect(server, server.handle_error_response(request, error))
    assert isinstance(grant, CodeGrant)
    return grant


def _redirect(server: Server, answer: object) -> Redirect:
    """Every answer names who gives it (RFC 9207), so that an app of several providers cannot mix them up."""
    assert isinstance(answer, Answer)
    return Redirect(add_params_to_uri(answer.headers["Location"], [("iss", server.issuer)]))
