"""who waits on a platform is told when there will be no audio"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("targets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_awaited", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("targets", schema=None) as batch_op:
        batch_op.alter_column("is_awaited", server_default=None)
    with op.batch_alter_table("pushes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("failure", sa.Text(), nullable=True))
        batch_op.alter_column("generation_id", existing_type=sa.String(length=36), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM pushes WHERE generation_id IS NULL")
    with op.batch_alter_table("pushes", schema=None) as batch_op:
        batch_op.alter_column("generation_id", existing_type=sa.String(length=36), nullable=False)
        batch_op.drop_column("failure")
    with op.batch_alter_table("targets", schema=None) as batch_op:
        batch_op.drop_column("is_awaited")
