"""Everything on one machine under one supervisor: `sayhook serve` and `make run`."""

from hub.serve.failure import CannotStart
from hub.serve.run import serve

__all__ = ["CannotStart", "serve"]
