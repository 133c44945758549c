"""Hooks that scenario builders (Zapier, Make) subscribe for an account: one for each Zap or scenario."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.store.columns import SEALED
from hub.store.tables import Table


class HookSubscription(Table):
    """Where the end of an account's voiceovers is told, one flat document at a time.

    `mode`, `voice_id` and `connection_id` narrow what is told; None is all. `secrets` is an encrypted list of
    `[secret, until or null]`, newest first.
    """

    __tablename__ = "hook_subscriptions"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    app: Mapped[str | None] = mapped_column(String(64), default=None)
    """The OAuth client that subscribed; the hook goes when the account disconnects that app."""
    target_url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[Any]]
    mode: Mapped[str | None] = mapped_column(String(8), default=None)
    voice_id: Mapped[str | None] = mapped_column(String(36), default=None)
    connection_id: Mapped[str | None] = mapped_column(String(36), default=None)
    goodbye: Mapped[bool] = mapped_column(default=False)
    """Whether the target is sent DELETE when we drop the hook ourselves."""
    secrets: Mapped[str] = mapped_column(Text, info=SEALED)
    failing_since: Mapped[datetime | None] = mapped_column(default=None)
    last_failure: Mapped[datetime | None] = mapped_column(default=None)
    failures: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("account_id", "target_url"),)


class HookGoodbye(Table):
    """A target still to be told that its hook is gone. It outlives the account, so it belongs to none."""

    __tablename__ = "hook_goodbyes"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    target_url: Mapped[str] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(index=True)
