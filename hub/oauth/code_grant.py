"""Authorisation codes (RFC 6749 section 4.1) with PKCE (RFC 7636): made at consent, exchanged once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import structlog
from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin, InvalidGrantError, InvalidRequestError, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from sqlalchemy import CursorResult, update

from hub.oauth import lifetimes
from hub.oauth.credentials import CODE_START, digest, new_secret
from hub.oauth.records import IssuedCode, RegisteredClient
from hub.store.oauth_tables import OauthCode, OauthGrant

if TYPE_CHECKING:
    from hub.oauth.server import Server

log = structlog.get_logger(__name__)

CLIENT_METHODS = ["client_secret_basic", "client_secret_post", "none"]


class CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_METHODS
    server: Server

    def generate_authorization_code(self) -> str:
        return new_secret(CODE_START)

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        payload = request.payload
        assert payload is not None
        assert isinstance(request.client, RegisteredClient)
        self.server.session.add(
            OauthCode(
                digest=digest(code),
                client_id=request.client.client_id,
                account_id=request.user,
                grant_id=str(uuid4()),
                scopes=request.scope.split(),
                redirect_uri=payload.redirect_uri,
                code_challenge=payload.data.get("code_challenge"),
                expires_at=self.server.now + lifetimes.CODE,
            )
        )

    def query_authorization_code(self, code: str, client: ClientMixin) -> IssuedCode | None:
        row = self.server.session.get(OauthCode, digest(code))
        if row is None or row.client_id != client.get_client_id():
            return None
        if row.used_at is not None:
            if self.server.arrived >= row.used_at:
                self._end_what_it_gave(row)
            return None
        return IssuedCode(row) if row.expires_at > self.server.now else None

    def authenticate_user(self, code: IssuedCode) -> str:
        """Claim the code; of several that try at once, the database lets one through.

        Those that came before that one was done lost a race: platforms send a request twice, or from two
        workers. A thief cannot be among them, or would have been first. They are refused, and what the one
        was given lives; whoever comes later with the code has read it somewhere, and ends it.
        Authlib calls this after every check and before it makes a token.
        """
        claim = (
            update(OauthCode)
            .where(OauthCode.digest == code.row.digest, OauthCode.used_at.is_(None))
            .values(used_at=self.server.now)
        )
        if cast(CursorResult[Any], self.server.session.execute(claim)).rowcount != 1:
            raise InvalidGrantError("Invalid 'code' in request.")
        return code.row.account_id

    def delete_authorization_code(self, code: IssuedCode) -> None:
        """It stays, marked as used, until it is swept: a second use must be told from a guess.

        Authlib calls this last, so that the mark is the moment in which its tokens are ready.
        """
        code.row.used_at = self.server.clock()

    def _end_what_it_gave(self, code: OauthCode) -> None:
        """A second use means that someone else has read the code (RFC 6749 section 4.1.2)."""
        self.server.session.execute(
            update(OauthGrant)
            .where(OauthGrant.id == code.grant_id, OauthGrant.ended_at.is_(None))
            .values(ended_at=self.server.now, ended_by="code_reuse")
        )
        log.warning("oauth_code_used_twice", client_id=code.client_id, connection=code.grant_id)


class S256Challenge(CodeChallenge):
    """PKCE by S256 alone: apps without a secret must use it, others may. `plain` protects nothing."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012 - Authlib's documented class attribute
    CODE_CHALLENGE_METHODS = {"S256": CodeChallenge.CODE_CHALLENGE_METHODS["S256"]}  # noqa: RUF012 - as above

    def __init__(self) -> None:
        super().__init__(required=True)

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        request = grant.request
        assert request.payload is not None
        assert isinstance(request.client, RegisteredClient)
        given = request.payload.data
        if request.client.is_public and "code_challenge" not in given:
            raise InvalidRequestError("Missing 'code_challenge': this app has no secret and needs PKCE.")
        if "code_challenge" in given and "code_challenge_method" not in given:
            raise InvalidRequestError("Only 'code_challenge_method=S256' is supported.")
        super().validate_code_challenge(grant, redirect_uri)
