"""The shop's side of OAuth: codes, expiring tokens, and refresh tokens that rotate.

Source: shopify.dev, "Offline access tokens" and the changelog of 28 August 2026: the refresh token that was
used stays good until its replacement is used, so that a lost answer can be asked for again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

ACCESS: Final = timedelta(hours=1)
REFRESH: Final = timedelta(days=90)


class GrantRefused(Exception):
    """`error` is the code of RFC 6749, section 5.2."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@dataclass
class Token:
    scopes: frozenset[str]
    expires: datetime | None


@dataclass
class Refresh:
    """`replaces` are the refresh tokens that die when this one is used."""

    scopes: frozenset[str]
    expires: datetime
    replaces: set[str] = field(default_factory=set)


class Grants:
    def __init__(self, client_id: str, client_secret: str, now: Callable[[], datetime]) -> None:
        self.client_id, self.client_secret, self._now = client_id, client_secret, now
        self.codes: dict[str, frozenset[str]] = {}
        self.access: dict[str, Token] = {}
        self.refresh: dict[str, Refresh] = {}

    def code(self, scopes: frozenset[str]) -> str:
        made = secrets.token_hex(16)
        self.codes[made] = scopes
        return made

    def answer(self, given: Mapping[str, str]) -> dict[str, Any]:
        """What `/admin/oauth/access_token` answers. Raises GrantRefused."""
        known = secrets.compare_digest(given.get("client_secret", ""), self.client_secret)
        if given.get("client_id") != self.client_id or not known:
            raise GrantRefused("invalid_client")
        if given.get("grant_type") == "refresh_token":
            return self._renewed(given.get("refresh_token", ""))
        scopes = self.codes.pop(given.get("code", ""), None)
        if scopes is None:
            raise GrantRefused("invalid_request")
        return self.mint(scopes, expiring=given.get("expiring") == "1")

    def mint(
        self, scopes: frozenset[str], *, expiring: bool = True, replaces: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        token = f"shpat_{secrets.token_hex(16)}"
        self.access[token] = Token(scopes, self._now() + ACCESS if expiring else None)
        shown: dict[str, Any] = {"access_token": token, "scope": ",".join(sorted(scopes))}
        if not expiring:
            return shown
        renewal = f"shprt_{secrets.token_hex(16)}"
        self.refresh[renewal] = Refresh(scopes, self._now() + REFRESH, set(replaces))
        return shown | {
            "expires_in": int(ACCESS.total_seconds()),
            "refresh_token": renewal,
            "refresh_token_expires_in": int(REFRESH.total_seconds()),
        }

    def token(self, given: str) -> Token | None:
        """The live token that `given` is, or None."""
        token = self.access.get(given)
        if token is None or (token.expires is not None and token.expires <= self._now()):
            return None
        return token

    def revoke(self) -> None:
        self.access.clear()
        self.refresh.clear()

    def _renewed(self, given: str) -> dict[str, Any]:
        used = self.refresh.get(given)
        if used is None or used.expires <= self._now():
            raise GrantRefused("invalid_grant")
        for dead in used.replaces:
            self.refresh.pop(dead, None)
        used.replaces.clear()
        return self.mint(used.scopes, replaces=frozenset({given}))
