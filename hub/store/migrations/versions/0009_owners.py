"""when an account's address was confirmed, and voices whose deletion may still be undone"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.columns import UtcDateTime

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email_confirmed_at", UtcDateTime(), nullable=True))
    with op.batch_alter_table("voices", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deleted_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("voices", schema=None) as batch_op:
        batch_op.drop_column("deleted_at")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_column("email_confirmed_at")
