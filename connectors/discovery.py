"""Finding the connectors: every folder of the package is one, whole or refused with the mend."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from connectors.builders import is_builder
from connectors.connector import Connector
from connectors.errors import ConnectorInvalid
from connectors.manifest import ClientCredentials, Manifest, read_manifest

_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "parse": ("event", "connection"),
    "push": ("connection", "target", "result"),
    "connect": ("connection", "hook"),
    "disconnect": ("connection",),
    "greet": ("headers", "body"),
    "arrive": ("query", "secrets", "now"),
    "backfill": ("connection", "after"),
    "split": ("event",),
    "fetch": ("event", "connection"),
    "choices": ("connection", "option"),
    "installed": ("query", "app", "now"),
    "reply": ("question", "connection", "standing"),
    "awaited": ("event",),
    "fail": ("connection", "target", "reason"),
    "withdraw": ("connection", "target", "output_url"),
}
_GENERATORS = (
    "push",
    "connect",
    "disconnect",
    "backfill",
    "fetch",
    "choices",
    "installed",
    "fail",
    "withdraw",
)
_OF_READERS = ("backfill", "split", "fetch", "awaited")
_FILES = ("__init__.py", "README.md", "icon.svg")


def discover(package: ModuleType | None = None) -> Mapping[str, Connector]:
    """Every connector of `package` (this one) by name. Raises ConnectorInvalid for one that is half made.

    Scenario builders are not among them (`connectors.builders`).
    """
    home = package or import_module("connectors")
    folders = sorted(
        folder
        for root in home.__path__
        for folder in Path(root).iterdir()
        if folder.is_dir() and not folder.name.startswith(("_", ".")) and not is_builder(folder)
    )
    found = (_connector(home.__name__, folder) for folder in folders)
    return MappingProxyType({connector.name: connector for connector in found})


def _connector(package: str, folder: Path) -> Connector:
    manifest = read_manifest(folder / "connector.toml")
    if not folder.name.isidentifier() or folder.name != folder.name.lower():
        raise ConnectorInvalid(f"{folder.name}/ must be named in lower-case letters, digits and underscores.")
    for name in _FILES:
        if not (folder / name).is_file():
            raise ConnectorInvalid(f"{folder.name}/{name} is missing: every connector has one.")
    module = _module(package, folder)
    functions = {name: _function(module, folder.name, name) for name in _PARAMETERS}
    _check_whole(folder, manifest, functions)
    given: dict[str, Any] = {name: function for name, function in functions.items() if function is not None}
    return Connector(name=folder.name, module=module.__name__, folder=folder, manifest=manifest, **given)


def _module(package: str, folder: Path) -> ModuleType:
    try:
        return import_module(f"{package}.{folder.name}")
    except Exception as error:
        # Whatever its code does on import, one sentence says which file to mend.
        raise ConnectorInvalid(
            f"{folder.name}/__init__.py cannot be imported: {type(error).__name__}: {error}."
        ) from error


def _function(module: ModuleType, folder: str, name: str) -> Callable[..., Any] | None:
    function: Callable[..., Any] | None = getattr(module, name, None)
    if function is None:
        return None
    wanted = _PARAMETERS[name]
    shown = f"{folder}/__init__.py: {name}"
    if not callable(function) or tuple(inspect.signature(function).parameters) != wanted:
        raise ConnectorInvalid(f"{shown} must be a function with the parameters ({', '.join(wanted)}).")
    if name in _GENERATORS and not inspect.isgeneratorfunction(inspect.unwrap(function)):
        raise ConnectorInvalid(f"{shown} must be a generator: yield each Request, be sent its Response.")
    return function


def _check_whole(folder: Path, manifest: Manifest, functions: Mapping[str, object]) -> None:
    shown = f"{folder.name}/__init__.py"
    if functions["push"] is None:
        raise ConnectorInvalid(f"{shown} has no push: add one that puts the audio back.")
    if (functions["parse"] is None) != (manifest.events is None):
        raise ConnectorInvalid(
            f"{folder.name}: parse (__init__.py) and [events] (connector.toml) belong together; add both."
        )
    if (functions["connect"] is None) != (functions["disconnect"] is None):
        raise ConnectorInvalid(f"{shown} needs both connect and disconnect, or neither.")
    _check_extensions(shown, manifest, functions)
    if manifest.events is not None and not any((folder / "fixtures").glob("*__*.json")):
        raise ConnectorInvalid(
            f"{folder.name}/fixtures/ is empty: add <event>__<case>.json, a payload and what comes of it."
        )


def _check_extensions(shown: str, manifest: Manifest, functions: Mapping[str, object]) -> None:
    for name in _OF_READERS:
        if functions[name] is not None and functions["parse"] is None:
            raise ConnectorInvalid(f"{shown} has {name} but no parse: only what is read needs it.")
    if (functions["awaited"] is None) != (functions["fail"] is None):
        raise ConnectorInvalid(f"{shown} needs both awaited and fail, or neither.")
    events = manifest.events
    if events is not None and (events.sweeps or events.sweep_hours) and functions["backfill"] is None:
        raise ConnectorInvalid(f"{shown} has no backfill: sweeps and sweep_hours (connector.toml) need one.")
    if (manifest.questions is not None) != (functions["reply"] is not None):
        raise ConnectorInvalid(f"{shown}: reply and [questions] (connector.toml) belong together; add both.")
    install = manifest.auth.install if isinstance(manifest.auth, ClientCredentials) else None
    if (install is not None) != (functions["installed"] is not None):
        raise ConnectorInvalid(
            f"{shown}: installed and [auth.install] (connector.toml) belong together; add both."
        )
    picks = any(option.type == "pick" for option in manifest.options)
    if picks != (functions["choices"] is not None):
        raise ConnectorInvalid(
            f"{shown}: choices and options of the type pick (connector.toml) belong together; add both."
        )
