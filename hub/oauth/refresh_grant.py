"""Refreshing (RFC 6749 section 6) with rotation (RFC 9700 section 4.14.2).

A refresh token is used up by its first use, but goes on yielding pairs for a short grace: no-code platforms
refresh one connection from several workers at the same moment. Used after that, it was copied, and the whole
connection ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from authlib.oauth2.rfc6749 import InvalidScopeError, TokenMixin, grants

from hub.oauth.code_grant import CLIENT_METHODS
from hub.oauth.credentials import digest
from hub.oauth.lifetimes import MOST_SUCCESSORS
from hub.oauth.records import IssuedToken, RegisteredClient
from hub.store.oauth_tables import OauthGrant, OauthToken
from hub.store.tables import Account

if TYPE_CHECKING:
    from hub.oauth.server import Server

log = structlog.get_logger(__name__)


class RefreshGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True
    server: Server

    def authenticate_refresh_token(self, refresh_token: str) -> IssuedToken:
        return self._usable(refresh_token)  # type: ignore[return-value]  # None is Authlib's `invalid_grant`

    def _usable(self, secret: str) -> IssuedToken | None:
        token = self._locked(digest(secret))
        if token is None or not token.is_refresh or token.is_expired() or token.grant.ended_at is not None:
            return None
        if not token.check_client(self._client):
            return None
        if token.is_past_grace:
            token.grant.ended_at, token.grant.ended_by = self.server.now, "token_reuse"
            log.warning("oauth_token_used_twice", client_id=token.grant.client_id, connection=token.grant.id)
            return None
        account = self.server.session.get(Account, token.grant.account_id)
        if account is None or account.closed_at is not None:
            return None
        return token if token.row.successors < MOST_SUCCESSORS else None

    def _locked(self, token_digest: str) -> IssuedToken | None:
        """The token, after everyone else who works on its connection has finished."""
        session = self.server.session
        found = session.get(OauthToken, token_digest)
        if found is None:
            return None
        grant = session.get(OauthGrant, found.grant_id, with_for_update=True)
        row = session.get(OauthToken, token_digest, populate_existing=True)
        if grant is None or row is None:
            return None
        return IssuedToken(row, grant, self.server.now)

    @property
    def _client(self) -> RegisteredClient:
        assert isinstance(self.request.client, RegisteredClient)
        return self.request.client

    def issue_token(self, user: str, refresh_token: TokenMixin) -> dict[str, str | int]:
        """No more than was asked for, than was granted, and than the app may still have."""
        assert self.request.payload is not None
        wanted = (self.request.payload.scope or refresh_token.get_scope()).split()
        allowed = [scope for scope in wanted if scope in self._client.row.scopes]
        if not allowed:
            raise InvalidScopeError()
        return self.generate_token(user=user, scope=" ".join(allowed), include_refresh_token=True)

    def authenticate_user(self, refresh_token: IssuedToken) -> str:
        return refresh_token.get_user()

    def revoke_old_credential(self, refresh_token: TokenMixin) -> None:
        assert isinstance(refresh_token, IssuedToken)
        refresh_token.row.rotated_at = refresh_token.row.rotated_at or self.server.now
        refresh_token.row.successors += 1
