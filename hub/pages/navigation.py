"""The way through the dashboard, in the order people meet it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Destination:
    path: str
    name: str
    admin: bool = False


DESTINATIONS = (
    Destination("/playground", "Playground"),
    Destination("/voices", "Voices"),
    Destination("/generations", "Generations"),
    Destination("/usage", "Usage"),
    Destination("/connections", "Connections"),
    Destination("/webhooks", "Webhooks"),
    Destination("/keys", "Keys"),
    Destination("/settings", "Settings"),
    Destination("/admin", "Admin", admin=True),
)
