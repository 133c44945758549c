"""Outgoing messages that `hub.jobs.outbox` wrote: sent until they arrive or are given up."""

from hub.deliveries.sweeping import sweep

__all__ = ["sweep"]
