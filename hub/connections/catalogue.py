"""The connectors this hub knows: those it came with, and those of the packages its settings name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module

from connectors.connector import Connector
from connectors.discovery import discover
from connectors.errors import ConnectorInvalid
from hub.errors import NotFound
from hub.settings import Settings


def catalogue(settings: Settings) -> Mapping[str, Connector]:
    """Every connector by name. Raises ConnectorInvalid, which names the file to mend."""
    return _discovered(settings.connector_packages)


def connector_named(settings: Settings, name: str) -> Connector:
    """Raises NotFound."""
    found = catalogue(settings).get(name)
    if found is None:
        raise NotFound("There is no such connector.", code="connector_not_found")
    return found


def ending_events(settings: Settings) -> frozenset[str]:
    """The names of the events that are read whatever state their connection is in."""
    manifests = (connector.manifest.events for connector in catalogue(settings).values())
    return frozenset(name for events in manifests if events is not None for name in events.ending)


@lru_cache(maxsize=8)
def _discovered(packages: str) -> Mapping[str, Connector]:
    found = dict(discover())
    for name in filter(None, (part.strip() for part in packages.split(","))):
        for connector in discover(import_module(name)).values():
            if connector.name in found:
                raise ConnectorInvalid(f"{name}.{connector.name}: there is a connector of that name already.")
            found[connector.name] = connector
    return found
