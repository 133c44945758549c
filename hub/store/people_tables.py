"""People at a browser: their sessions, password resets, and what administrators did."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.store.columns import SEALED
from hub.store.tables import Table


class BrowserSession(Table):
    """One signed-in browser. The cookie's 256 random bits are kept only as their SHA-256."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    browser: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    """To some minutes; a session unused for too long is dead."""
    expires_at: Mapped[datetime]
    message: Mapped[str | None] = mapped_column(Text, default=None, info=SEALED)
    """Encrypted: what the next page shows once, such as a new key."""


class PasswordReset(Table):
    """One link to choose a new password; the link's secret is kept only as its SHA-256."""

    __tablename__ = "password_resets"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class AuditEntry(Table):
    """One act of an administrator. It outlives the accounts it names, so it points at none of them."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(320))
    """An administrator's e-mail address, or `command line`."""
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(320))
    detail: Mapped[str] = mapped_column(String(300), default="")

    __table_args__ = (Index("ix_audit_log_at", "at"),)
