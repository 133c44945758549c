"""connections, their events and what is pushed back, and webhook endpoints"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.columns import Json, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "authorisations",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("connector", sa.String(length=40), nullable=False),
        sa.Column("connection_id", sa.String(length=36), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("options", Json, nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "connections",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("connector", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("credentials", sa.Text(), nullable=False),
        sa.Column("hook_secrets", sa.Text(), nullable=False),
        sa.Column("options", Json, nullable=False),
        sa.Column("state", Json, nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=True),
        sa.Column("spoken", sa.Integer(), nullable=False),
        sa.Column("ignored", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("pushed", sa.Integer(), nullable=False),
        sa.Column("refreshing_until", UtcDateTime(), nullable=True),
        sa.Column("look_at", UtcDateTime(), nullable=True),
        sa.Column("look_after", sa.Text(), nullable=True),
        sa.Column("looked_at", UtcDateTime(), nullable=True),
        sa.Column("fill_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("connector", "external_id"),
    )
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_connections_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_connections_look_at"), ["look_at"], unique=False)

    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("events", Json, nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("app", sa.String(length=64), nullable=True),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.Column("disabled_reason", sa.String(length=300), nullable=True),
        sa.Column("failing_since", UtcDateTime(), nullable=True),
        sa.Column("last_failure", UtcDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("webhook_endpoints", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_endpoints_account_id"), ["account_id"], unique=False)

    op.create_table(
        "inbound_events",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("connection_id", sa.String(length=36), nullable=False),
        sa.Column("delivery_id", sa.String(length=300), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("headers", Json, nullable=False),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=True),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=True),
        sa.Column("generation_id", sa.String(length=36), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("connection_id", "delivery_id"),
    )
    with op.batch_alter_table("inbound_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inbound_events_generation_id"), ["generation_id"], unique=False)
        batch_op.create_index("ix_inbound_events_newest", ["connection_id", "received_at"], unique=False)
        batch_op.create_index(
            "ix_inbound_events_waiting", ["verdict", "connection_id", "received_at"], unique=False
        )

    op.create_table(
        "refusals",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("connection_id", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("sentence", sa.String(length=300), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("connection_id", "reason"),
    )
    op.create_table(
        "targets",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("connection_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fields", Json, nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("spoken_hash", sa.String(length=64), nullable=True),
        sa.Column("generation_id", sa.String(length=36), nullable=True),
        sa.Column("audio_generation_id", sa.String(length=36), nullable=True),
        sa.Column("audio_hash", sa.String(length=64), nullable=True),
        sa.Column("as_of", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("connection_id", "key"),
        sa.UniqueConstraint("token"),
    )
    with op.batch_alter_table("targets", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_targets_audio_generation_id"), ["audio_generation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_targets_generation_id"), ["generation_id"], unique=False)

    op.create_table(
        "pushes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("connection_id", sa.String(length=36), nullable=False),
        sa.Column("target_id", sa.String(length=36), nullable=False),
        sa.Column("generation_id", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=True),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("pushes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pushes_connection_id"), ["connection_id"], unique=False)
        batch_op.create_index("ix_pushes_due", ["status", "next_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_pushes_generation_id"), ["generation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pushes_target_id"), ["target_id"], unique=False)

    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("endpoint_id", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("body", sa.LargeBinary(), nullable=True))
        batch_op.create_index("ix_deliveries_endpoint", ["endpoint_id", "created_at"], unique=False)


def downgrade() -> None:

    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index("ix_deliveries_endpoint")
        batch_op.drop_column("body")
        batch_op.drop_column("endpoint_id")

    with op.batch_alter_table("pushes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pushes_target_id"))
        batch_op.drop_index(batch_op.f("ix_pushes_generation_id"))
        batch_op.drop_index("ix_pushes_due")
        batch_op.drop_index(batch_op.f("ix_pushes_connection_id"))

    op.drop_table("pushes")
    with op.batch_alter_table("targets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_targets_generation_id"))
        batch_op.drop_index(batch_op.f("ix_targets_audio_generation_id"))

    op.drop_table("targets")
    op.drop_table("refusals")
    with op.batch_alter_table("inbound_events", schema=None) as batch_op:
        batch_op.drop_index("ix_inbound_events_waiting")
        batch_op.drop_index("ix_inbound_events_newest")
        batch_op.drop_index(batch_op.f("ix_inbound_events_generation_id"))

    op.drop_table("inbound_events")
    with op.batch_alter_table("webhook_endpoints", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_endpoints_account_id"))

    op.drop_table("webhook_endpoints")
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_connections_look_at"))
        batch_op.drop_index(batch_op.f("ix_connections_account_id"))

    op.drop_table("connections")
    op.drop_table("authorisations")
