"""Rows as Authlib asks about them."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from datetime import datetime

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, TokenMixin

from hub.oauth import redirect_uris
from hub.oauth.credentials import digest
from hub.oauth.lifetimes import ROTATION_GRACE
from hub.store.oauth_tables import OauthClient, OauthCode, OauthGrant, OauthToken


class RegisteredClient(ClientMixin):
    """An app and what it may do."""

    def __init__(self, row: OauthClient, now: datetime) -> None:
        self.row = row
        self.client_id = row.id
        self.is_public = row.secret_digest is None
        self._now = now

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        """The only one there is, or none: a request must choose among several."""
        return self.row.redirect_uris[0] if len(self.row.redirect_uris) == 1 else ""

    def get_allowed_scope(self, scope: Collection[str] | str) -> str:
        """What was asked for; everything registered when nothing was; None (refused) when it is too much."""
        wanted = scope.split() if isinstance(scope, str) else list(scope or ())
        if not wanted:
            return " ".join(self.row.scopes)
        if not set(wanted) <= set(self.row.scopes):
            return None  # type: ignore[return-value]  # Authlib's word for `invalid_scope`
        return " ".join(dict.fromkeys(wanted))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uris.allows(self.row.redirect_uris, redirect_uri, any_loopback_port=self.is_public)

    def check_client_secret(self, client_secret: str) -> bool:
        row, given = self.row, digest(client_secret)
        live = [row.secret_digest]
        if row.old_secret_until is not None and row.old_secret_until > self._now:
            live.append(row.old_secret_digest)
        return any(hmac.compare_digest(known, given) for known in live if known is not None)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (method == "none") == self.is_public

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in ("authorization_code", "refresh_token")


class IssuedCode(AuthorizationCodeMixin):
    """A code that has not been used yet."""

    code_challenge_method = "S256"

    def __init__(self, row: OauthCode) -> None:
        self.row = row
        self.code_challenge = row.code_challenge

    def get_redirect_uri(self) -> str:
        return self.row.redirect_uri or ""

    def get_scope(self) -> str:
        return " ".join(self.row.scopes)


class IssuedToken(TokenMixin):
    """An access or refresh token, and the grant it hangs on."""

    def __init__(self, row: OauthToken, grant: OauthGrant, now: datetime) -> None:
        self.row = row
        self.grant = grant
        self._now = now

    @property
    def is_refresh(self) -> bool:
        return self.row.kind == "refresh"

    @property
    def is_past_grace(self) -> bool:
        return self.row.rotated_at is not None and self.row.rotated_at + ROTATION_GRACE <= self._now

    def check_client(self, client: RegisteredClient) -> bool:
        return self.grant.client_id == client.client_id

    def get_scope(self) -> str:
        return " ".join(self.row.scopes)

    def get_expires_in(self) -> int:
        return int((self.row.expires_at - self.row.issued_at).total_seconds())

    def is_expired(self) -> bool:
        return self.row.expires_at <= self._now

    def is_revoked(self) -> bool:
        return self.grant.ended_at is not None or self.row.revoked_at is not None or self.is_past_grace

    def get_user(self) -> str:
        return self.grant.account_id
