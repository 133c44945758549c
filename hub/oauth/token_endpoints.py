"""Revocation (RFC 7009) and introspection (RFC 7662) of an app's own tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from hub.oauth.code_grant import CLIENT_METHODS
from hub.oauth.credentials import digest
from hub.oauth.records import IssuedToken, RegisteredClient
from hub.oauth.requests import ReadRequest
from hub.store.oauth_tables import OauthGrant, OauthToken

if TYPE_CHECKING:
    from hub.oauth.server import Server


def _require_token(request: ReadRequest) -> None:
    """The hint about its kind is not needed and therefore ignored, as RFC 7009 section 2.2.1 allows."""
    if "token" not in request.form:
        raise InvalidRequestError("Missing 'token' in request.")


def _find(server: Server, secret: str) -> IssuedToken | None:
    row = server.session.get(OauthToken, digest(secret))
    if row is None:
        return None
    grant = server.session.get(OauthGrant, row.grant_id, with_for_update=True)
    return None if grant is None else IssuedToken(row, grant, server.now)


class Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = CLIENT_METHODS
    server: Server

    def check_params(self, request: Any, client: RegisteredClient) -> None:
        _require_token(request)

    def query_token(self, token_string: str, token_type_hint: str | None) -> IssuedToken | None:
        return _find(self.server, token_string)

    def revoke_token(self, token: IssuedToken, request: ReadRequest) -> None:
        """A refresh token takes its whole connection along, an access token goes alone."""
        if not token.is_refresh:
            token.row.revoked_at = token.row.revoked_at or self.server.now
        elif token.grant.ended_at is None:
            token.grant.ended_at, token.grant.ended_by = self.server.now, "app"


class Introspection(IntrospectionEndpoint):
    CLIENT_AUTH_METHODS = CLIENT_METHODS[:2]
    server: Server

    def check_params(self, request: Any, client: RegisteredClient) -> None:
        _require_token(request)

    def query_token(self, token_string: str, token_type_hint: str | None) -> IssuedToken | None:
        return _find(self.server, token_string)

    def check_permission(self, token: IssuedToken, client: RegisteredClient, request: ReadRequest) -> bool:
        """Other apps' tokens look like unknown ones."""
        return token.check_client(client)

    def introspect_token(self, token: IssuedToken) -> dict[str, object]:
        return {
            "active": True,
            "client_id": token.grant.client_id,
            "sub": token.grant.account_id,
            "scope": token.get_scope(),
            "token_type": "refresh_token" if token.is_refresh else "Bearer",
            "iat": int(token.row.issued_at.timestamp()),
            "exp": int(token.row.expires_at.timestamp()),
            "iss": self.server.issuer,
        }
