"""the balance below which an account is warned, and since when it is"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.columns import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("accounts") as accounts:
        accounts.add_column(sa.Column("low_credit_below", sa.Integer(), nullable=False, server_default="100"))
        accounts.add_column(sa.Column("low_credit_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("accounts") as accounts:
        accounts.drop_column("low_credit_at")
        accounts.drop_column("low_credit_below")
