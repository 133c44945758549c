"""Alembic's entry: runs the migrations over the connection that `upgrade` was given."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from hub.store.columns import Json, UtcDateTime
from hub.store.schema import METADATA


def _own_types(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """How a new migration writes our column types; the others are written by Alembic."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "UtcDateTime()"
    if kind == "type" and isinstance(item, type(Json)):
        return "Json"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    render_item=_own_types,
)
with context.begin_transaction():
    context.run_migrations()
