"""The record of what comes from platforms and what is put back there.

What came in is kept as it came, so that nothing is lost to a mistake in a template, and may be read again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.store.columns import SEALED
from hub.store.tables import Table


class ConnectionRecord(Table):
    """One owner's place on one platform. `credentials` and `hook_secrets` are encrypted JSON.

    `hook_secrets` is a list of `[secret, until or null]`, newest first; each is live until its time.
    """

    __tablename__ = "connections"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    connector: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(100))
    external_id: Mapped[str | None] = mapped_column(String(255), default=None)
    """What the platform calls it, where one hook serves all connections."""
    address: Mapped[str] = mapped_column(Text, default="")
    credentials: Mapped[str] = mapped_column(Text, info=SEALED)
    hook_secrets: Mapped[str] = mapped_column(Text, info=SEALED)
    options: Mapped[dict[str, Any]]
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)
    status: Mapped[str] = mapped_column(String(12))
    """`live`, `paused` or `broken`; only a live one reads events and pushes."""
    sentence: Mapped[str | None] = mapped_column(Text, default=None)
    spoken: Mapped[int] = mapped_column(default=0)
    ignored: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    pushed: Mapped[int] = mapped_column(default=0)
    refreshing_until: Mapped[datetime | None] = mapped_column(default=None)
    """While it lies ahead, one process is renewing the tokens, and the others wait for it."""
    look_at: Mapped[datetime | None] = mapped_column(index=True, default=None)
    """When to look through what is on the platform for what did not reach us; never where there is none."""
    look_after: Mapped[str | None] = mapped_column(Text, default=None)
    """The page where the look that is under way goes on."""
    looked_at: Mapped[datetime | None] = mapped_column(default=None)
    """When the last look that came to its end began."""
    fill_at: Mapped[datetime | None] = mapped_column(default=None)
    """When its owner agreed that everything that is there be spoken, while the look for it lasts."""
    installed_at: Mapped[datetime | None] = mapped_column(default=None)
    """When its owner last let our app in again; what the platform tells of an end before that is over."""
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("connector", "external_id"),)


class InboundEvent(Table):
    """A verified delivery. `payload` and `headers` are emptied when it is too old to be read again."""

    __tablename__ = "inbound_events"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    connection_id: Mapped[str] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    delivery_id: Mapped[str] = mapped_column(String(300))
    name: Mapped[str | None] = mapped_column(String(100), default=None)
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    headers: Mapped[dict[str, Any]]
    origin: Mapped[str] = mapped_column(String(12), default="hook")
    """`hook`, `part` (of a delivery that told of several things), `found` (was there before) or `test`."""
    tries: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None] = mapped_column(default=None)
    verdict: Mapped[str] = mapped_column(String(12))
    """`waiting`, `spoken`, `ignored` or `failed`."""
    code: Mapped[str | None] = mapped_column(String(60), default=None)
    sentence: Mapped[str | None] = mapped_column(Text, default=None)
    generation_id: Mapped[str | None] = mapped_column(String(36), index=True, default=None)
    received_at: Mapped[datetime]
    decided_at: Mapped[datetime | None] = mapped_column(default=None)

    __table_args__ = (
        UniqueConstraint("connection_id", "delivery_id"),
        Index("ix_inbound_events_waiting", "verdict", "connection_id", "received_at"),
        Index("ix_inbound_events_newest", "connection_id", "received_at"),
    )


class TargetRecord(Table):
    """What on the platform speaks: the job its newest text became, and the audio its lasting address plays.

    `token` is the lasting address: a random name that nobody can guess and that lives as long as this row.
    """

    __tablename__ = "targets"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    connection_id: Mapped[str] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(255))
    fields: Mapped[dict[str, Any]]
    is_test: Mapped[bool] = mapped_column(default=False)
    is_awaited: Mapped[bool] = mapped_column(default=False)
    """Somebody on the platform waits for it, and is told when no audio will come."""
    token: Mapped[str] = mapped_column(String(40), unique=True)
    spoken_hash: Mapped[str | None] = mapped_column(String(64), default=None)
    generation_id: Mapped[str | None] = mapped_column(String(36), index=True, default=None)
    audio_generation_id: Mapped[str | None] = mapped_column(String(36), index=True, default=None)
    audio_hash: Mapped[str | None] = mapped_column(String(64), default=None)
    as_of: Mapped[datetime | None] = mapped_column(default=None)
    """When the platform says that what was read last was saved; what is older comes too late."""
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("connection_id", "key"),)


class Push(Table):
    """Finished audio on its way back to the platform, or the word that there will be none."""

    __tablename__ = "pushes"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    connection_id: Mapped[str] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), index=True)
    target_id: Mapped[str] = mapped_column(ForeignKey("targets.id", ondelete="CASCADE"), index=True)
    generation_id: Mapped[str | None] = mapped_column(String(36), index=True)
    """None where it did not get as far as a job."""
    failure: Mapped[str | None] = mapped_column(Text, default=None)
    """Why there is no audio; None where there is."""
    status: Mapped[str] = mapped_column(String(12))
    """`waiting`, `pushed` or `failed`."""
    attempts: Mapped[int] = mapped_column(default=0)
    code: Mapped[str | None] = mapped_column(String(60), default=None)
    sentence: Mapped[str | None] = mapped_column(Text, default=None)
    next_at: Mapped[datetime]
    leased_until: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None] = mapped_column(default=None)

    __table_args__ = (Index("ix_pushes_due", "status", "next_at"),)


class Refusal(Table):
    """How often a connection's hook was called by somebody who could not show who they are, and why not."""

    __tablename__ = "refusals"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    connection_id: Mapped[str] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    reason: Mapped[str] = mapped_column(String(60))
    sentence: Mapped[str] = mapped_column(String(300))
    count: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("connection_id", "reason"),)


class Authorisation(Table):
    """An owner who was sent to a platform to say yes; `id` is the SHA-256 of the state they bring back."""

    __tablename__ = "authorisations"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    connector: Mapped[str] = mapped_column(String(40))
    connection_id: Mapped[str | None] = mapped_column(String(36), default=None)
    name: Mapped[str] = mapped_column(String(100))
    address: Mapped[str] = mapped_column(Text, default="")
    options: Mapped[dict[str, Any]]
    verifier: Mapped[str] = mapped_column(Text, info=SEALED)
    """The encrypted PKCE verifier."""
    redirect_uri: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime]


class WebhookEndpoint(Table):
    """Where an account wants its events sent. `secrets` is an encrypted list of `[secret, until or null]`."""

    __tablename__ = "webhook_endpoints"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    url: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(String(200), default="")
    events: Mapped[list[Any]]
    secrets: Mapped[str] = mapped_column(Text, info=SEALED)
    app: Mapped[str | None] = mapped_column(String(64), default=None)
    """The OAuth client that added it; it goes when the account disconnects that app."""
    disabled_at: Mapped[datetime | None] = mapped_column(default=None)
    disabled_reason: Mapped[str | None] = mapped_column(String(300), default=None)
    failing_since: Mapped[datetime | None] = mapped_column(default=None)
    last_failure: Mapped[datetime | None] = mapped_column(default=None)
    failures: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
