"""The record: accounts, keys, money, generations and deliveries.

Redis may be lost at any time; these tables may not. Times are UTC instants. Credits are whole numbers.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hub.store.columns import SEALED, Json, UtcDateTime


class Table(DeclarativeBase):
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's documented class attribute
        datetime: UtcDateTime(),
        dict[str, Any]: Json,
        list[Any]: Json,
    }


class Account(Table):
    """`credits` (free to spend) and `held` mirror the ledger's sums, so a hold is one conditional update."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    plan: Mapped[str] = mapped_column(String(20))
    credits: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)
    requests_per_minute: Mapped[int | None] = mapped_column(default=None)
    concurrent: Mapped[int | None] = mapped_column(default=None)
    signing_secret: Mapped[str] = mapped_column(Text, info=SEALED)
    """Encrypted `whsec_…` secret that signs this account's callbacks."""
    low_credit_below: Mapped[int] = mapped_column(default=100)
    """With fewer unspent credits than this the owner is warned; 0 never warns."""
    low_credit_at: Mapped[datetime | None] = mapped_column(default=None)
    """Since when they are below it; None while they are not."""
    password_hash: Mapped[str | None] = mapped_column(Text, default=None)
    """Argon2id; without one nobody can sign in at a browser."""
    email_confirmed_at: Mapped[datetime | None] = mapped_column(default=None)
    """When whoever reads the address's mail said that the account is theirs."""
    is_admin: Mapped[bool] = mapped_column(default=False)
    retention_days: Mapped[int | None] = mapped_column(default=None)
    zero_retention: Mapped[bool] = mapped_column(default=False)
    default_voice_id: Mapped[str | None] = mapped_column(String(36), default=None)
    default_format: Mapped[str | None] = mapped_column(String(8), default=None)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    erased_at: Mapped[datetime | None] = mapped_column(default=None)
    """A closed account has nothing but its ledger once this is set."""


class ApiKey(Table):
    """Only the SHA-256 of the 256-bit random secret is kept; `prefix` is what a list may show."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    prefix: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    last_used_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    credits_per_day: Mapped[int | None] = mapped_column(default=None)
    credits_per_month: Mapped[int | None] = mapped_column(default=None)


class LedgerEntry(Table):
    """One append-only line. The sums of `credits` and `held` over an account are its balance and its holds.

    `key` makes a line happen at most once: `hold:<job>`, `close:<job>` (settle or release), `grant:<id>`.
    """

    __tablename__ = "ledger"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    credits: Mapped[int]
    held: Mapped[int]
    generation_id: Mapped[str | None] = mapped_column(String(36), index=True, default=None)
    note: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]


class Generation(Table):
    """One text to speak: its request, its state and its result.

    `run` rises with each attempt and fences commits: only the newest attempt may finish the row.
    A long text is spoken part by part (`parts_total` above 0); between parts the row waits in the queue
    again, so that a chapter does not keep others waiting.
    """

    __tablename__ = "generations"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    api_key_id: Mapped[str | None] = mapped_column(String(36), default=None)
    source: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(12))
    mode: Mapped[str] = mapped_column(String(8))
    price: Mapped[int]
    # what was asked
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8))
    voice_description: Mapped[str | None] = mapped_column(Text, default=None)
    reference_key: Mapped[str | None] = mapped_column(String(200), default=None)
    reference_text: Mapped[str | None] = mapped_column(Text, default=None)
    cfg_value: Mapped[float]
    inference_timesteps: Mapped[int]
    seed: Mapped[int | None] = mapped_column(BigInteger, default=None)
    instructions: Mapped[str | None] = mapped_column(Text, default=None)
    speed: Mapped[float] = mapped_column(default=1.0, server_default="1.0")
    format: Mapped[str] = mapped_column(String(8))
    callback_url: Mapped[str | None] = mapped_column(Text, default=None)
    flat_callback: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether the callback is told the flat document of a voiceover instead of the status."""
    voice_id: Mapped[str | None] = mapped_column(String(36), default=None)
    """The saved voice it was ordered with."""
    sender_metadata: Mapped[dict[str, Any]] = mapped_column(default=dict)
    parts_total: Mapped[int] = mapped_column(default=0)
    charged_with: Mapped[str | None] = mapped_column(String(36), index=True, default=None)
    """Of previews charged once: the id of the first of them, which holds the price for all."""
    # where it stands
    run: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    progress: Mapped[float] = mapped_column(default=0.0)
    beat_at: Mapped[datetime | None] = mapped_column(default=None)
    not_before: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    completed_at: Mapped[datetime | None] = mapped_column(default=None)
    deleted_at: Mapped[datetime | None] = mapped_column(default=None)
    # what came of it
    spoken_language: Mapped[str | None] = mapped_column(String(8), default=None)
    spoken_seed: Mapped[int | None] = mapped_column(BigInteger, default=None)
    engine: Mapped[str | None] = mapped_column(String(40), default=None)
    audio_key: Mapped[str | None] = mapped_column(String(200), default=None)
    audio_bytes: Mapped[int | None] = mapped_column(default=None)
    duration_seconds: Mapped[float | None] = mapped_column(default=None)
    words: Mapped[list[Any]] = mapped_column(default=list)
    chapters: Mapped[list[Any]] = mapped_column(default=list)
    peaks: Mapped[list[Any]] = mapped_column(default=list)
    warnings: Mapped[list[Any]] = mapped_column(default=list)
    error_code: Mapped[str | None] = mapped_column(String(60), default=None)
    error_message: Mapped[str | None] = mapped_column(Text, default=None)

    __table_args__ = (
        Index("ix_generations_newest", "account_id", "created_at", "id"),
        Index("ix_generations_status", "status", "beat_at"),
        Index("ix_generations_key", "api_key_id", "created_at"),
    )


class GenerationPart(Table):
    """A piece of a long text. `audio_key` is set once it is spoken; the row goes when the job has ended."""

    __tablename__ = "generation_parts"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    generation_id: Mapped[str] = mapped_column(ForeignKey("generations.id"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    heading: Mapped[str | None] = mapped_column(Text, default=None)
    pause: Mapped[float]
    engine: Mapped[str | None] = mapped_column(String(40), default=None)
    audio_key: Mapped[str | None] = mapped_column(String(200), default=None)
    seconds: Mapped[float | None] = mapped_column(default=None)
    words: Mapped[list[Any]] = mapped_column(default=list)
    warnings: Mapped[list[Any]] = mapped_column(default=list)

    __table_args__ = (UniqueConstraint("generation_id", "position"),)


class SavedVoice(Table):
    """A voice an account keeps: a description with its seed, or a recording with its owner's consent."""

    __tablename__ = "voices"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str] = mapped_column(String(100))
    mode: Mapped[str] = mapped_column(String(8))
    description: Mapped[str | None] = mapped_column(Text, default=None)
    seed: Mapped[int | None] = mapped_column(BigInteger, default=None)
    reference_key: Mapped[str | None] = mapped_column(String(200), default=None)
    reference_text: Mapped[str | None] = mapped_column(Text, default=None)
    consent: Mapped[str | None] = mapped_column(Text, default=None)
    """Who allowed the clone and when, in the words of whoever saved it; `created_at` dates the statement."""
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None] = mapped_column(default=None)
    """From then on it is nobody's to use; until it is erased, its owner may take the deletion back."""

    __table_args__ = (UniqueConstraint("account_id", "name"),)


class IdempotencyRecord(Table):
    """The first answer to a POST with an Idempotency-Key, written in that POST's own transaction."""

    __tablename__ = "idempotency"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    key: Mapped[str] = mapped_column(String(255))
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    headers: Mapped[dict[str, Any]]
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("account_id", "key"),)


class Delivery(Table):
    """One outgoing message, kept until it is delivered or given up.

    One to a callback tells how the job stands when it is sent. One to an endpoint (`endpoint_id`) carries
    `payload`, or the job's status, as it was at the first try: `body` keeps those bytes for the others.
    One to a builder's hook (`hook_id`) tells once how a job ended.
    """

    __tablename__ = "deliveries"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    generation_id: Mapped[str | None] = mapped_column(String(36), index=True, default=None)
    endpoint_id: Mapped[str | None] = mapped_column(String(36), default=None)
    hook_id: Mapped[str | None] = mapped_column(String(36), default=None)
    flat: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether it is told in the flat shape, as scenario builders want it, and on their schedule."""
    url: Mapped[str] = mapped_column(Text)
    event: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]]
    body: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    status: Mapped[str] = mapped_column(String(12))
    """`waiting`, `delivered` or `failed`; `ended` is what is left of a hook (`hub.subscriptions.ended`)."""
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    leased_until: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_deliveries_due", "status", "next_at"),
        Index("ix_deliveries_endpoint", "endpoint_id", "created_at"),
        Index("ix_deliveries_hook", "hook_id", "generation_id", "event", unique=True),
    )


class DeliveryAttempt(Table):
    """What one attempt at a delivery met."""

    __tablename__ = "delivery_attempts"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id"), index=True)
    at: Mapped[datetime]
    status: Mapped[int | None] = mapped_column(default=None)
    milliseconds: Mapped[int]
    error: Mapped[str | None] = mapped_column(String(300), default=None)
    response: Mapped[str | None] = mapped_column(Text, default=None)
