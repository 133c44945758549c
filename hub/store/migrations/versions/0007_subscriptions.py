"""hooks of scenario builders, and voiceovers whose callback is told in the same flat shape"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.columns import Json, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hook_subscriptions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("app", sa.String(length=64), nullable=True),
        sa.Column("target_url", sa.Text(), nullable=False),
        sa.Column("events", Json, nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=True),
        sa.Column("voice_id", sa.String(length=36), nullable=True),
        sa.Column("connection_id", sa.String(length=36), nullable=True),
        sa.Column("goodbye", sa.Boolean(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("failing_since", UtcDateTime(), nullable=True),
        sa.Column("last_failure", UtcDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "target_url"),
    )
    op.create_table(
        "hook_goodbyes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("target_url", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_hook_goodbyes_next_at", "hook_goodbyes", ["next_at"])
    with op.batch_alter_table("generations") as generations:
        generations.add_column(sa.Column("voice_id", sa.String(length=36), nullable=True))
        generations.add_column(
            sa.Column("flat_callback", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("deliveries") as deliveries:
        deliveries.add_column(sa.Column("hook_id", sa.String(length=36), nullable=True))
        deliveries.add_column(sa.Column("flat", sa.Boolean(), nullable=False, server_default=sa.false()))
        deliveries.create_index("ix_deliveries_hook", ["hook_id", "generation_id", "event"], unique=True)


def downgrade() -> None:
    with op.batch_alter_table("deliveries") as deliveries:
        deliveries.drop_index("ix_deliveries_hook")
        deliveries.drop_column("flat")
        deliveries.drop_column("hook_id")
    with op.batch_alter_table("generations") as generations:
        generations.drop_column("flat_callback")
        generations.drop_column("voice_id")
    op.drop_table("hook_goodbyes")
    op.drop_table("hook_subscriptions")
