"""sign-in, sessions, settings and the audit log"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from hub.store.columns import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _account_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("is_admin", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("retention_days", sa.Integer(), nullable=True),
        sa.Column("zero_retention", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("default_voice_id", sa.String(length=36), nullable=True),
        sa.Column("default_format", sa.String(length=8), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
    )


def upgrade() -> None:
    with op.batch_alter_table("accounts") as accounts:
        for column in _account_columns():
            accounts.add_column(column)
    with op.batch_alter_table("api_keys") as keys:
        keys.add_column(sa.Column("credits_per_day", sa.Integer(), nullable=True))
        keys.add_column(sa.Column("credits_per_month", sa.Integer(), nullable=True))
    op.create_index("ix_generations_key", "generations", ["api_key_id", "created_at"])
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("browser", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"])
    op.create_table(
        "password_resets",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_password_resets_account_id", "password_resets", ["account_id"])
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=320), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=320), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_audit_log_at", "audit_log", ["at"])


def downgrade() -> None:
    for table in ("audit_log", "password_resets", "sessions"):
        op.drop_table(table)
    op.drop_index("ix_generations_key", "generations")
    with op.batch_alter_table("api_keys") as keys:
        keys.drop_column("credits_per_month")
        keys.drop_column("credits_per_day")
    with op.batch_alter_table("accounts") as accounts:
        for column in reversed(_account_columns()):
            accounts.drop_column(column.name)
