"""Where a platform sends a connection's events, and what signs them."""

from __future__ import annotations

from connectors.connector import Connector
from connectors.values import Hook
from hub.connections.records import hook_secrets
from hub.hub import Hub
from hub.store.connection_tables import ConnectionRecord


def hook_url(hub: Hub, connector: Connector, record: ConnectionRecord) -> str | None:
    path = connector.hook_path(record.id)
    if path is None:
        return None
    secret = f"/{hook_secrets(hub, connector, record)[0]}" if connector.has_secret_address else ""
    return f"{hub.settings.base_url}{path}{secret}"


def hook_of(hub: Hub, connector: Connector, record: ConnectionRecord) -> Hook:
    secrets = hook_secrets(hub, connector, record)
    return Hook(hook_url(hub, connector, record) or "", secrets[0] if secrets else "")
