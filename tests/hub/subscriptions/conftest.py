"""The hub that connections are tested with serves scenario builders too."""

from tests.hub.connections.conftest import connected, shop, workshop

__all__ = ["connected", "shop", "workshop"]
