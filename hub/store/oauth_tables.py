"""The record of OAuth: apps, their codes, the connections people allowed, and the tokens of each.

No code, token or client secret is kept, only its SHA-256: each is 256 random bits, which cannot be searched.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.store.tables import Table


class OauthClient(Table):
    """An app that may ask people for access. One without a secret is public: it proves itself by PKCE."""

    __tablename__ = "oauth_clients"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    secret_digest: Mapped[str | None] = mapped_column(String(64), default=None)
    old_secret_digest: Mapped[str | None] = mapped_column(String(64), default=None)
    old_secret_until: Mapped[datetime | None] = mapped_column(default=None)
    redirect_uris: Mapped[list[Any]]
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime]


class OauthGrant(Table):
    """One consent of one account to one app. Ending it kills every token that came from it."""

    __tablename__ = "oauth_grants"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_clients.id", ondelete="CASCADE"), index=True)
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    """When a token was last issued from it; at most an access token's life before its last real use."""
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_by: Mapped[str | None] = mapped_column(String(20), default=None)
    """`owner`, `app`, `admin`, `code_reuse` or `token_reuse`."""

    __table_args__ = (Index("ix_oauth_grants_account", "account_id", "ended_at"),)


class OauthCode(Table):
    """An authorisation code on its way to the app; used ones stay a while so that a second use is noticed."""

    __tablename__ = "oauth_codes"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_clients.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    grant_id: Mapped[str] = mapped_column(String(36))
    """The grant its exchange will make."""
    scopes: Mapped[list[Any]]
    redirect_uri: Mapped[str | None] = mapped_column(Text, default=None)
    """As the request named it, or None when it left it out."""
    code_challenge: Mapped[str | None] = mapped_column(String(128), default=None)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None] = mapped_column(default=None)


class OauthToken(Table):
    """One access or refresh token."""

    __tablename__ = "oauth_tokens"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    """`access` or `refresh`."""
    grant_id: Mapped[str] = mapped_column(ForeignKey("oauth_grants.id", ondelete="CASCADE"), index=True)
    scopes: Mapped[list[Any]]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    rotated_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    """When a refresh token was first used: it yields a few more successors until its grace is over."""
    successors: Mapped[int] = mapped_column(default=0)
