"""what each account wants pronounced how, and previews that share one price, and what streaming needs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.columns import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pronunciations",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("word", sa.String(length=60), nullable=False),
        sa.Column("respelling", sa.String(length=120), nullable=True),
        sa.Column("ipa", sa.String(length=120), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "language", "word"),
    )
    with op.batch_alter_table("generations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("charged_with", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("instructions", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("speed", sa.Double(), server_default="1.0", nullable=False))
        batch_op.create_index(batch_op.f("ix_generations_charged_with"), ["charged_with"], unique=False)
    with op.batch_alter_table("generation_parts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seconds", sa.Double(), nullable=True))


def downgrade() -> None:
    op.drop_table("pronunciations")
    with op.batch_alter_table("generation_parts", schema=None) as batch_op:
        batch_op.drop_column("seconds")
    with op.batch_alter_table("generations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_generations_charged_with"))
        batch_op.drop_column("speed")
        batch_op.drop_column("instructions")
        batch_op.drop_column("charged_with")
