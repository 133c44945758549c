"""Outgoing messages: written with the job that causes them, sent until they arrive or are given up."""

from hub.deliveries.outbox import write
from hub.deliveries.sweeping import sweep

__all__ = ["sweep", "write"]
