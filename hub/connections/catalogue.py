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


def read_anyway(connector: Connector) -> frozenset[str]:
    """The names of the events that are read whatever state their connection is in.

    Those that end it, and those that are ignored: what they say of people must not lie and wait.
    """
    events = connector.manifest.events
    return frozenset() if events is None else frozenset((*events.ending, *events.ignored))


@lru_cache(maxsize=8)
def _discovered(packages: str) -> Mapping[str, Connector]:
    found = dict(discover())
    for name in filter(None, (part.strip() for part in packages.split(","))):
        for connector in discover(import_module(name)).values():
            if connector.name in found:
                raise ConnectorInvalid(f"{name}.{connector.name}: there is a connector of that name already.")
            found[connector.name] = connector
    return found
