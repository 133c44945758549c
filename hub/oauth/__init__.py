"""The hub as OAuth 2 provider: apps ask people for access, and call the API with what they were given.

Authlib decides (its core is synchronous, so it runs inside `AsyncSession.run_sync`); this package keeps the
record, rotates refresh tokens and answers over HTTP. docs/oauth.md tells how to use it.
"""

from hub.oauth.access import authenticate_token, is_access_token
from hub.oauth.clients import (
    NewClient,
    create_client,
    delete_client,
    edit_client,
    find_client,
    list_clients,
    rotate_secret,
)
from hub.oauth.connections import Connection, end_connection, list_connections
from hub.oauth.sweeping import sweep

__all__ = [
    "Connection",
    "NewClient",
    "authenticate_token",
    "create_client",
    "delete_client",
    "edit_client",
    "end_connection",
    "find_client",
    "is_access_token",
    "list_clients",
    "list_connections",
    "rotate_secret",
    "sweep",
]
