"""Outgoing messages that `hub.jobs.outbox` wrote: sent until they arrive or are given up."""

from hub.deliveries.sweeping import forget_old, sweep

__all__ = ["forget_old", "sweep"]
