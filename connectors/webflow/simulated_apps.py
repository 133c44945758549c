"""Webflow's OAuth as an app sees it, its permissions and its limit of requests a minute."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from connectors.webflow.simulated_site import Refused, Saved

CODE_LIVES: Final = timedelta(minutes=15)
MINUTE: Final = timedelta(minutes=1)


@dataclass
class Grant:
    """What a token allows. `used` are the times of its requests within the last minute."""

    scopes: tuple[str, ...]
    sites: tuple[str, ...]
    used: list[datetime] = field(default_factory=list)


class OAuthRefused(Exception):
    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.answer = {"error": error, "error_description": error.replace("_", " ")}


@dataclass
class App:
    """Our app as Webflow knows it, and who has allowed it what."""

    scopes: tuple[str, ...]
    now: Callable[[], datetime]
    rate: int = 60
    client_id: str = field(default_factory=lambda: secrets.token_hex(32))
    client_secret: str = field(default_factory=lambda: secrets.token_hex(32))
    grants: dict[str, Grant] = field(default_factory=dict)
    codes: dict[str, tuple[Grant, str, datetime]] = field(default_factory=dict)

    def allow(self, scopes: tuple[str, ...], sites: tuple[str, ...]) -> str:
        """The owner says yes at once; answers the token."""
        return self._token(Grant(scopes, sites))

    def authorize(self, query: Mapping[str, str], sites: tuple[str, ...]) -> str:
        """The code that the owner's browser brings back. Raises Refused."""
        asked = tuple(query.get("scope", "").split())
        if query.get("client_id") != self.client_id or query.get("response_type") != "code":
            raise Refused(400, "bad_request", "Invalid client")
        if not asked or not set(asked) <= set(self.scopes):
            raise Refused(400, "bad_request", "Invalid scope")
        code = secrets.token_hex(32)
        self.codes[code] = (Grant(asked, sites), query.get("redirect_uri", ""), self.now() + CODE_LIVES)
        return code

    def exchange(self, given: Mapping[str, str]) -> Saved:
        """Raises OAuthRefused. A code works once, and with the address it was asked for."""
        self._know(given)
        if given.get("grant_type") != "authorization_code":
            raise OAuthRefused("unsupported_grant_type")
        grant, address, until = self.codes.pop(given.get("code", ""), (None, "", self.now()))
        if grant is None or self.now() >= until or given.get("redirect_uri", "") != address:
            raise OAuthRefused("invalid_grant")
        return {
            "access_token": self._token(grant),
            "token_type": "bearer",
            "scope": " ".join(grant.scopes),
        }

    def revoke(self, given: Mapping[str, str]) -> Saved:
        self._know(given)
        if self.grants.pop(given.get("access_token", ""), None) is None:
            raise OAuthRefused("invalid_token")
        return {"did_revoke": True}

    def admit(self, token: str) -> tuple[Grant, int]:
        """The grant, and how many requests are left in this minute. Raises Refused."""
        grant = self.grants.get(token)
        if grant is None:
            raise Refused(401, "not_authorized", "Request not authorized")
        grant.used = [time for time in grant.used if time > self.now() - MINUTE]
        if len(grant.used) >= self.rate:
            raise Refused(429, "too_many_requests", "Too Many Requests")
        grant.used.append(self.now())
        return grant, self.rate - len(grant.used)

    def _token(self, grant: Grant) -> str:
        token = secrets.token_hex(32)
        self.grants[token] = grant
        return token

    def _know(self, given: Mapping[str, str]) -> None:
        good = secrets.compare_digest(given.get("client_secret", "").encode(), self.client_secret.encode())
        if given.get("client_id") != self.client_id or not good:
            raise OAuthRefused("invalid_client")
