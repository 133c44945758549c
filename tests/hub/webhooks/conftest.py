"""The hub that connections are tested with serves endpoints too."""

from tests.hub.connections.conftest import workshop

__all__ = ["workshop"]
