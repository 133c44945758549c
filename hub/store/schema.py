"""Every table of the record, for the migrations: a module of tables that is not named here has none."""

from __future__ import annotations

from hub.store import (
    connection_tables,
    hook_tables,
    oauth_tables,
    people_tables,
    pronunciation_tables,
    tables,
)
from hub.store.tables import Table

MODULES = (tables, people_tables, oauth_tables, connection_tables, pronunciation_tables, hook_tables)

METADATA = Table.metadata
