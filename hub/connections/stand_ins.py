"""Simulators in the place of platforms: what is meant for the one is sent to the other's address."""

from __future__ import annotations

from connectors.credentials import origin_of
from hub.settings import Settings


def stand_in(settings: Settings, url: str) -> str:
    """`url`, or the same path at the simulator that stands for its origin. Credentials are chosen before."""
    origin = origin_of(url)
    address = settings.stand_ins.get(origin)
    return url if address is None else address + url[len(origin) :]
