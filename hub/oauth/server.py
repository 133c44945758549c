"""Authlib's authorisation server over one database transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oauth2 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749 import BaseGrant, InvalidClientError, JsonRequest
from authlib.oauth2.rfc6749.errors import UnsupportedResponseTypeError
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from sqlalchemy.orm import Session

from hub.accounts.scopes import SCOPES
from hub.oauth import lifetimes
from hub.oauth.code_grant import CodeGrant, S256Challenge
from hub.oauth.credentials import ACCESS_START, REFRESH_START, digest, new_secret
from hub.oauth.records import RegisteredClient
from hub.oauth.refresh_grant import RefreshGrant
from hub.oauth.requests import ReadRequest
from hub.oauth.token_endpoints import Introspection, Revocation
from hub.store.oauth_tables import OauthClient, OauthGrant, OauthToken

# At its debug level Authlib writes whole tokens into the log.
logging.getLogger("authlib").setLevel(logging.INFO)


@dataclass(frozen=True, slots=True)
class Answer:
    """What Authlib decided. An error is an answer like any other, so that what it wrote is committed."""

    status: int
    body: Mapping[str, object] | str
    headers: Mapping[str, str]


class Server(AuthorizationServer):
    """Decides one request. `issuer` is this hub's public address; `session` is the transaction it writes in.

    `arrived` is when the request came in, before it waited for its turn.
    Lives inside the function given to `AsyncSession.run_sync`: each wait for the database yields to the loop.
    """

    def __init__(
        self,
        session: Session,
        issuer: str,
        clock: Callable[[], datetime],
        *,
        arrived: datetime | None = None,
    ) -> None:
        super().__init__(scopes_supported=tuple(SCOPES))
        self.session = session
        self.issuer = issuer
        self.clock = clock
        self.now = clock()
        self.arrived = arrived or self.now
        self.register_token_generator("default", _TOKENS)
        self.register_grant(CodeGrant, [S256Challenge()])
        self.register_grant(RefreshGrant)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)

    def query_client(self, client_id: str) -> RegisteredClient:
        row = self.session.get(OauthClient, client_id)
        return None if row is None else RegisteredClient(row, self.now)  # type: ignore[return-value]  # Authlib asks for None

    def authenticate_client(
        self, request: OAuth2Request, methods: Collection[str], endpoint: str = "token"
    ) -> RegisteredClient:
        """One answer for every kind of failure: which part was wrong is nobody's business."""
        assert isinstance(request, ReadRequest)
        request.refuse_two_authentications()
        try:
            client = super().authenticate_client(request, methods, endpoint)
        except InvalidClientError as error:
            raise InvalidClientError("Unknown client, or wrong client secret.", status_code=401) from error
        assert isinstance(client, RegisteredClient)
        named = request.form.get("client_id", client.client_id)
        if named != client.client_id:
            raise InvalidClientError("The body names another client.", status_code=401)
        return client

    def get_authorization_grant(self, request: OAuth2Request) -> BaseGrant:
        try:
            return super().get_authorization_grant(request)
        except UnsupportedResponseTypeError as error:  # whose words are the response type and nothing else
            words = "Only 'response_type=code' is supported."
            raise UnsupportedResponseTypeError("code", words, redirect_uri=error.redirect_uri) from error

    def save_token(self, token: dict[str, str | int], request: OAuth2Request) -> None:
        """Keep the digests of a new pair, on the grant that its code or refresh token belongs to."""
        if request.authorization_code is not None:
            grant = self._new_grant(request.authorization_code.row)
            granted = grant.scopes
        else:
            grant = request.refresh_token.grant  # type: ignore[union-attr]  # one of the two is always there
            grant.last_used_at = self.now
            # The new refresh token keeps the old one's scope, whatever this access token was narrowed to.
            granted = request.refresh_token.row.scopes  # type: ignore[union-attr]  # as above
        self._add(token["access_token"], "access", grant, str(token["scope"]).split())
        self._add(token["refresh_token"], "refresh", grant, granted)

    def _new_grant(self, code: Any) -> OauthGrant:
        grant = OauthGrant(
            id=code.grant_id,
            account_id=code.account_id,
            client_id=code.client_id,
            scopes=code.scopes,
            created_at=self.now,
            last_used_at=self.now,
        )
        self.session.add(grant)
        self.session.flush()
        return grant

    def _add(self, secret: str | int, kind: str, grant: OauthGrant, scopes: list[str]) -> None:
        life = lifetimes.ACCESS_TOKEN if kind == "access" else lifetimes.REFRESH_TOKEN
        self.session.add(
            OauthToken(
                digest=digest(str(secret)),
                kind=kind,
                grant_id=grant.id,
                scopes=scopes,
                issued_at=self.now,
                expires_at=self.now + life,
            )
        )

    def create_oauth2_request(self, request: Any) -> OAuth2Request:
        assert isinstance(request, ReadRequest)
        return request

    def create_json_request(self, request: Any) -> JsonRequest:
        raise NotImplementedError  # only dynamic registration asks for it

    def handle_response(self, status: int, body: Any, headers: Any) -> Answer:
        return Answer(status, body, dict(headers))

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        return None


_TOKENS = BearerTokenGenerator(
    lambda **_: new_secret(ACCESS_START),
    lambda **_: new_secret(REFRESH_START),
    lambda client, grant_type: int(lifetimes.ACCESS_TOKEN.total_seconds()),
)
